namespace NetKafka.Internal.Producing;

/// <summary>What became of the try to put a record into a batch.</summary>
enum AppendResult : byte
{
    /// <summary>The record is in.</summary>
    Appended,

    /// <summary>The topic or the partition is not known yet.</summary>
    NoMetadata,

    /// <summary>The buffer memory is used up.</summary>
    NoRoom,

    /// <summary>As much waits for the broker as it takes within <c>BufferTime</c>.</summary>
    BrokerBusy,
}
