namespace NetKafka.Administration;

/// <summary>A change to one configuration (KIP-339).</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Name">Kafka's name of it, such as <c>retention.ms</c>; of a broker's loggers the logger.</param>
/// <param name="Value">The value; null where it is deleted.</param>
public sealed record ConfigChange(ConfigOperation Operation, string Name, string? Value)
{
    /// <summary>A configuration gets a value.</summary>
    /// <param name="name">Kafka's name of it.</param>
    /// <param name="value">The value.</param>
    /// <returns>The change.</returns>
    public static ConfigChange Set(string name, string value) => new(ConfigOperation.Set, name, value);

    /// <summary>What was set is taken back.</summary>
    /// <param name="name">Kafka's name of it.</param>
    /// <returns>The change.</returns>
    public static ConfigChange Delete(string name) => new(ConfigOperation.Delete, name, null);

    /// <summary>A value is added to a list.</summary>
    /// <param name="name">Kafka's name of it.</param>
    /// <param name="value">The value, or several separated by commas.</param>
    /// <returns>The change.</returns>
    public static ConfigChange Append(string name, string value) => new(ConfigOperation.Append, name, value);

    /// <summary>A value is taken out of a list.</summary>
    /// <param name="name">Kafka's name of it.</param>
    /// <param name="value">The value, or several separated by commas.</param>
    /// <returns>The change.</returns>
    public static ConfigChange Subtract(string name, string value) => new(ConfigOperation.Subtract, name, value);
}
