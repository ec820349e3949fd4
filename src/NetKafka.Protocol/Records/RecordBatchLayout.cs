namespace NetKafka.Protocol.Records;

/// <summary>Where the fields of a batch lie, counted in bytes from its start.</summary>
static class RecordBatchLayout
{
    internal const int BaseOffset = 0;
    internal const int Length = 8;

    /// <summary>The length field counts what follows it, so a batch is this much larger.</summary>
    internal const int LengthOverhead = 12;

    /// <summary>The same place in every format version.</summary>
    internal const int Magic = 16;

    // Format version 2.
    internal const int PartitionLeaderEpoch = 12;
    internal const int Crc = 17;

    /// <summary>
    /// The checksum covers everything from here on, so base offset and leader epoch may be patched freely.
    /// </summary>
    internal const int Attributes = 21;
    internal const int LastOffsetDelta = 23;
    internal const int BaseTimestamp = 27;
    internal const int MaxTimestamp = 35;
    internal const int ProducerId = 43;
    internal const int ProducerEpoch = 51;
    internal const int BaseSequence = 53;
    internal const int RecordCount = 57;
    internal const int HeaderSize = 61;

    // Format versions 0 and 1: single messages.
    internal const int LegacyCrc = 12;
    internal const int LegacyAttributes = 17;
    internal const int LegacyTimestamp = 18;
    internal const int LegacyKeyV0 = 18;
    internal const int LegacyKeyV1 = 26;

    /// <summary>
    /// Checksum, magic, attributes and the lengths of key and value: the least a message of version 0 counts.
    /// </summary>
    internal const int SmallestLength = 14;

    internal const short CodecMask = 0x07;
    internal const short LogAppendTimeFlag = 0x08;
    internal const short TransactionalFlag = 0x10;
    internal const short ControlFlag = 0x20;
    internal const short DeleteHorizonFlag = 0x40;
}
