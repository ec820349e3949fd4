namespace NetKafka.Administration;

/// <summary>What kind of value a configuration has. The numbers are Kafka's.</summary>
public enum ConfigValueType
{
    /// <summary>One that this client does not know, or that the broker does not tell.</summary>
    Unknown = 0,

    /// <summary>true or false.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    String = 2,

    /// <summary>A number of 32 bits.</summary>
    Int = 3,

    /// <summary>A number of 16 bits.</summary>
    Short = 4,

    /// <summary>A number of 64 bits.</summary>
    Long = 5,

    /// <summary>A number with a fraction.</summary>
    Double = 6,

    /// <summary>Texts, separated by commas.</summary>
    List = 7,

    /// <summary>The name of a Java class.</summary>
    Class = 8,

    /// <summary>A secret, which is never told.</summary>
    Password = 9,
}
