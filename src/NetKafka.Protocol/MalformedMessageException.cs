namespace NetKafka.Protocol;

/// <summary>
/// Bytes that are not the message they should be: cut short, a length beyond the bytes left, bad UTF-8, null where null
/// may not be, or more memory asked for than a frame of its size may cost. The connection that sent them cannot be
/// trusted any further; nothing that was read so far may be used.
/// </summary>
public sealed class MalformedMessageException : Exception
{
    /// <summary>Describes one fault in a frame.</summary>
    /// <param name="messageName">What was being read, such as <c>MetadataResponse</c>.</param>
    /// <param name="version">The version it was read as.</param>
    /// <param name="position">The byte, counted from the first one given to the reader, at which reading stopped.</param>
    /// <param name="problem">What is wrong there, as a sentence without its full stop.</param>
    public MalformedMessageException(string messageName, short version, long position, string problem)
        : base($"{messageName} v{version} is malformed at byte {position}: {problem}.")
    {
        MessageName = messageName;
        Version = version;
        Position = position;
    }

    /// <summary>As the other constructor, with the exception that revealed the fault.</summary>
    /// <param name="messageName">What was being read.</param>
    /// <param name="version">The version it was read as.</param>
    /// <param name="position">The byte at which reading stopped.</param>
    /// <param name="problem">What is wrong there, as a sentence without its full stop.</param>
    /// <param name="innerException">What revealed the fault.</param>
    public MalformedMessageException(
        string messageName, short version, long position, string problem, Exception innerException)
        : base($"{messageName} v{version} is malformed at byte {position}: {problem}.", innerException)
    {
        MessageName = messageName;
        Version = version;
        Position = position;
    }

    /// <summary>The message or structure that was being read, such as <c>MetadataResponse</c>.</summary>
    public string MessageName { get; }

    /// <summary>The version it was read as.</summary>
    public short Version { get; }

    /// <summary>The byte, counted from the first one given to the reader, at which reading stopped.</summary>
    public long Position { get; }
}
