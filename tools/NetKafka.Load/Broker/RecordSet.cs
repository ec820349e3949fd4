using NetKafka.Load.Rows;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Load.Broker;

/// <summary>
/// Batches as a broker keeps them, encoded once and sent for ever. Only the base offset differs from one time to the next;
/// it lies, with the length, in the first twelve bytes, which the CRC does not cover and which are sent from elsewhere.
/// </summary>
sealed class RecordSet
{
    /// <summary>What precedes <see cref="Batch.Rest"/>: base offset and length.</summary>
    public const int HeadBytes = 12;

    RecordSet(Batch[] batches) => Batches = batches;

    public Batch[] Batches { get; }

    public static RecordSet Build(TopicShape shape, int batchBytes, int setBytes)
    {
        using var compression = new CompressionPool(1);
        var payloads = Payloads.For(shape.ValueBytes, shape.Codec);
        var writer = new RecordBatchWriter();
        var buffer = new byte[Math.Max(batchBytes, shape.ValueBytes + 1024)];
        var batches = new List<Batch>();
        var next = 0;
        for (var encoded = 0; batches.Count == 0 || encoded + batches[0].Rest.Count + HeadBytes <= setBytes;)
        {
            writer.Begin(buffer, 0, buffer.Length);
            while (writer.TryAppend(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), default, true, payloads[next % payloads.Length], false))
                next++;
            var destination = new GrowingBuffer();
            var sealedBatch = writer.Seal(shape.Codec, CompressionLevels.Default(shape.Codec), compression, destination).AsSpan().ToArray();
            RecordBatchPatch.SetPartitionLeaderEpoch(sealedBatch, 0);
            encoded += sealedBatch.Length;
            batches.Add(new Batch(
                writer.Count, sealedBatch.Length - HeadBytes, new ArraySegment<byte>(sealedBatch, HeadBytes, sealedBatch.Length - HeadBytes)));
        }
        return new RecordSet([.. batches]);
    }

    /// <summary>One batch.</summary>
    /// <param name="Records">How many it has.</param>
    /// <param name="Length">What its length field says.</param>
    /// <param name="Rest">All from the leader epoch on.</param>
    public readonly record struct Batch(int Records, int Length, ArraySegment<byte> Rest);
}
