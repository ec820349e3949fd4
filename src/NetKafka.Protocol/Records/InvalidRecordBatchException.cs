namespace NetKafka.Protocol.Records;

/// <summary>A record batch that cannot be read. The records before it are sound; it and what it holds are not.</summary>
public sealed class InvalidRecordBatchException : Exception
{
    internal InvalidRecordBatchException(
        InvalidRecordBatchReason reason, long baseOffset, int position, string what, Exception? innerException = null)
        : base($"The record batch at offset {baseOffset} is invalid at byte {position}: {what}.", innerException)
    {
        Reason = reason;
        BaseOffset = baseOffset;
        Position = position;
    }

    /// <summary>What kind of mistake it is.</summary>
    public InvalidRecordBatchReason Reason { get; }

    /// <summary>The base offset that the batch claims; of message formats before 2 the offset of the message.</summary>
    public long BaseOffset { get; }

    /// <summary>
    /// The byte at which the mistake was found: for the header counted from the start of the batch, for a record from the
    /// start of the (decompressed) records.
    /// </summary>
    public int Position { get; }
}
