using System.Buffers.Binary;

namespace NetKafka.Protocol.Records;

/// <summary>
/// A control record: how a transaction ended, written by its coordinator into each partition that the transaction touched.
/// </summary>
/// <param name="Type">What it says.</param>
/// <param name="CoordinatorEpoch">
/// The epoch of the transaction coordinator that wrote an end of a transaction; −1 for other kinds.
/// </param>
public readonly record struct ControlRecord(ControlRecordType Type, int CoordinatorEpoch)
{
    const int KeySize = 4;
    const int EndOfTransactionSize = 6;

    /// <summary>The size of a batch that holds the end of one transaction.</summary>
    internal const int BatchSize = RecordBatchLayout.HeaderSize + 17;

    /// <summary>Reads a control record.</summary>
    /// <param name="key">The key of a record from a control batch.</param>
    /// <param name="value">Its value.</param>
    /// <param name="control">
    /// What it says; a later version of a known kind reads as this one, an unknown kind as <see
    /// cref="ControlRecordType.Unknown"/>.
    /// </param>
    /// <returns>False if it is too short to say anything.</returns>
    public static bool TryRead(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, out ControlRecord control)
    {
        control = new ControlRecord(ControlRecordType.Unknown, -1);
        if (key.Length < KeySize || BinaryPrimitives.ReadInt16BigEndian(key) < 0) return false;

        var type = (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(key[sizeof(short)..]);
        if (type is < ControlRecordType.Abort or > ControlRecordType.KRaftVoters) return true;
        if (type is not (ControlRecordType.Abort or ControlRecordType.Commit))
        {
            control = new ControlRecord(type, -1);
            return true;
        }

        if (value.Length < EndOfTransactionSize) return false;
        control = new ControlRecord(type, BinaryPrimitives.ReadInt32BigEndian(value[sizeof(short)..]));
        return true;
    }

    /// <summary>Writes a whole batch that ends a transaction and returns its size, <see cref="BatchSize"/>.</summary>
    internal static int WriteEndOfTransaction(
        byte[] buffer, int offset, long producerId, short producerEpoch, bool isCommit, int coordinatorEpoch, long timestampMs)
    {
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> value = stackalloc byte[EndOfTransactionSize];
        BinaryPrimitives.WriteInt16BigEndian(key, 0);
        ControlRecordType type = isCommit ? ControlRecordType.Commit : ControlRecordType.Abort;
        BinaryPrimitives.WriteInt16BigEndian(key[sizeof(short)..], (short)type);
        BinaryPrimitives.WriteInt16BigEndian(value, 0);
        BinaryPrimitives.WriteInt32BigEndian(value[sizeof(short)..], coordinatorEpoch);

        var writer = new RecordBatchWriter();
        writer.Begin(buffer, offset, BatchSize);
        writer.TryAppend(timestampMs, key, keyIsNull: false, value, valueIsNull: false);
        Span<byte> batch = writer.Seal();
        RecordBatchPatch.SetProducer(batch, producerId, producerEpoch, baseSequence: -1, isTransactional: true);
        RecordBatchPatch.SetControl(batch);
        return batch.Length;
    }
}
