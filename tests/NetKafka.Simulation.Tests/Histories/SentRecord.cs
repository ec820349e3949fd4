using System.Buffers.Binary;

namespace NetKafka.Simulation.Tests.Histories;

/// <summary>
/// A record as the application sent it and what it heard of it. Its bytes follow from its number alone, so that the log can be
/// compared with what was meant.
/// </summary>
sealed class SentRecord
{
    public const int SmallestValue = 8;

    public required int Id { get; init; }

    /// <summary>Which producer of the run sent it.</summary>
    public required int Producer { get; init; }

    public required string Topic { get; init; }

    /// <summary>The partition that was asked for; −1 where the key or the producer chooses.</summary>
    public required int Partition { get; init; }

    /// <summary>The key, four bytes on the wire; null for none.</summary>
    public required int? Key { get; init; }

    public required int ValueBytes { get; init; }

    public required long TimestampMs { get; init; }

    public bool HasHeader { get; init; }

    /// <summary>Nothing was wrong when it was sent, so it must be acknowledged.</summary>
    public bool MustSucceed { get; init; }

    /// <summary>Why it failed.</summary>
    public Exception? Error { get; private set; }

    public required long InvokedTicks { get; init; }

    /// <summary>By when the call must have ended.</summary>
    public required long LatestEndTicks { get; init; }

    /// <summary>For how long its machine was busy with something else between the call and its end.</summary>
    public long StalledTicks { get; set; }

    /// <summary>
    /// A request with it came on a connection that its client had given up for another. Until a broker has seen the next epoch it
    /// takes such a request, so a record that it has just refused may be written after all, once more or alone: no client can help it.
    /// </summary>
    public bool CameLate { get; set; }

    public long EndedTicks { get; private set; } = -1;

    public SendOutcome Outcome { get; private set; }

    /// <summary>How many times the application was told an outcome.</summary>
    public int OutcomeCount { get; private set; }

    public int AckedPartition { get; private set; } = -1;

    /// <summary>The offset of the acknowledgement; −1 where it had none.</summary>
    public long AckedOffset { get; private set; } = -1;

    public void Acknowledge(int partition, long offset, long nowTicks)
    {
        (AckedPartition, AckedOffset) = (partition, offset);
        End(SendOutcome.Ok, nowTicks);
    }

    public void End(SendOutcome outcome, long nowTicks, Exception? error = null)
    {
        OutcomeCount++;
        Error = error;
        (Outcome, EndedTicks) = (outcome, nowTicks);
    }

    public byte[]? KeyBytes()
    {
        if (Key is not { } key)
            return null;
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        return bytes;
    }

    public byte[] ValueOf()
    {
        var bytes = new byte[ValueBytes];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Id);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), Producer);
        for (var i = SmallestValue; i < bytes.Length; i++)
            bytes[i] = (byte)(Id * 31 + i);
        return bytes;
    }

    public bool HasValue(ReadOnlySpan<byte> value)
    {
        if (value.Length != ValueBytes || BinaryPrimitives.ReadInt32BigEndian(value) != Id
            || BinaryPrimitives.ReadInt32BigEndian(value[4..]) != Producer)
            return false;
        for (var i = SmallestValue; i < value.Length; i++)
        {
            if (value[i] != (byte)(Id * 31 + i))
                return false;
        }
        return true;
    }

    /// <summary>The number of the record that a value claims to be; −1 if it is too short for one.</summary>
    public static int IdOf(ReadOnlySpan<byte> value) => value.Length < SmallestValue ? -1 : BinaryPrimitives.ReadInt32BigEndian(value);

    public override string ToString() => $"record {Id} of producer {Producer} for {Topic}-{(Partition < 0 ? "any" : Partition)}";
}
