using System.Text;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Shells;

/// <summary>Reads what lies in a log, record by record, for the tests that compare it with what a client says.</summary>
static class LogReader
{
    internal static EmbeddedRecord[] Read(ClusterState cluster, Partition partition)
    {
        var records = new List<EmbeddedRecord>();
        foreach (var batch in partition.Log.Batches)
        {
            if (batch.Header.IsControl || !cluster.Records.TryOpen(batch.Bytes, out var body))
                continue;
            var walker = new RecordWalker(batch.Header, body.Span);
            while (walker.MoveNext())
            {
                if (walker.Offset >= partition.Log.StartOffset)
                    records.Add(Copy(ref walker, body));
            }
        }

        return [.. records];
    }

    static EmbeddedRecord Copy(ref RecordWalker walker, ReadOnlyMemory<byte> body)
    {
        var headers = new KeyValuePair<string, ReadOnlyMemory<byte>?>[walker.HeaderCount];
        for (var i = 0; i < headers.Length; i++)
        {
            walker.ReadHeader(out var key, out var value);
            headers[i] = new(Encoding.UTF8.GetString(body.Span.Slice(key.Start, key.Length)), Slice(body, value));
        }

        return new EmbeddedRecord(
            walker.Offset,
            DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(walker.Timestamp, -1)),
            Slice(body, walker.Key),
            Slice(body, walker.Value),
            headers);
    }

    static ReadOnlyMemory<byte>? Slice(ReadOnlyMemory<byte> body, (int Start, int Length) part) =>
        part.Length < 0 ? default(ReadOnlyMemory<byte>?) : body.Slice(part.Start, part.Length).ToArray();
}
