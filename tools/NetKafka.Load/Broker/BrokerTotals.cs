using System.Buffers.Binary;

namespace NetKafka.Load.Broker;

/// <summary>A broker's counts at one moment; they begin at zero when it starts.</summary>
/// <param name="ProduceRequests">Produce requests.</param>
/// <param name="ProduceBatches">Batches in them.</param>
/// <param name="ProduceRecords">Records in those, as their headers say; counted one by one in the checking mode.</param>
/// <param name="ProduceBytes">Bytes of batches.</param>
/// <param name="Fetches">Fetch requests.</param>
/// <param name="FetchedRecords">Records that went out.</param>
/// <param name="Faults">What the checking mode found.</param>
readonly record struct BrokerTotals(
    long ProduceRequests, long ProduceBatches, long ProduceRecords, long ProduceBytes, long Fetches, long FetchedRecords, long Faults)
{
    public const int Size = 7 * sizeof(long);

    public static BrokerTotals operator -(BrokerTotals a, BrokerTotals b) => new(
        a.ProduceRequests - b.ProduceRequests, a.ProduceBatches - b.ProduceBatches, a.ProduceRecords - b.ProduceRecords,
        a.ProduceBytes - b.ProduceBytes, a.Fetches - b.Fetches, a.FetchedRecords - b.FetchedRecords, a.Faults - b.Faults);

    public static BrokerTotals Read(ReadOnlySpan<byte> bytes) => new(
        At(bytes, 0), At(bytes, 1), At(bytes, 2), At(bytes, 3), At(bytes, 4), At(bytes, 5), At(bytes, 6));

    public void Write(Span<byte> bytes)
    {
        ReadOnlySpan<long> values = [ProduceRequests, ProduceBatches, ProduceRecords, ProduceBytes, Fetches, FetchedRecords, Faults];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64BigEndian(bytes[(i * sizeof(long))..], values[i]);
    }

    static long At(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadInt64BigEndian(bytes[(index * sizeof(long))..]);
}
