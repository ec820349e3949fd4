namespace NetKafka.Administration;

/// <summary>What is done to a configuration (KIP-339). The numbers are Kafka's.</summary>
public enum ConfigOperation
{
    /// <summary>It gets the value.</summary>
    Set = 0,

    /// <summary>What was set is taken back; the value is what it would be without.</summary>
    Delete = 1,

    /// <summary>The value, or values separated by commas, are added to a list.</summary>
    Append = 2,

    /// <summary>The value, or values separated by commas, are taken out of a list.</summary>
    Subtract = 3,
}
