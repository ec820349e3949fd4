namespace NetKafka.Protocol;

/// <summary>
/// A message that cannot be written: null where the version has no null, a string longer than 32,767 bytes, or a value
/// that the version has no field for and that may not be left out silently. The caller made the mistake; nothing was sent.
/// </summary>
public sealed class InvalidMessageException : Exception
{
    /// <summary>Describes one field that cannot be written.</summary>
    /// <param name="messageName">What was being written, such as <c>MetadataRequest</c>.</param>
    /// <param name="version">The version it was written as.</param>
    /// <param name="field">The field at fault, as the schema names it.</param>
    /// <param name="problem">What is wrong with it, as a sentence without its full stop.</param>
    public InvalidMessageException(string messageName, short version, string field, string problem)
        : base($"{messageName} v{version} cannot be written, field {field}: {problem}.")
    {
        MessageName = messageName;
        Version = version;
        Field = field;
    }

    /// <summary>The message that was being written, such as <c>MetadataRequest</c>.</summary>
    public string MessageName { get; }

    /// <summary>The version it was written as.</summary>
    public short Version { get; }

    /// <summary>The field at fault, as the schema names it.</summary>
    public string Field { get; }
}
