using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal;

/// <summary>
/// Turns over one bit of a fetched batch, as a bad disk or a bad wire does: among those that its checksum covers, so that a
/// reader can tell.
/// </summary>
static class RecordDamage
{
    /// <param name="response">The answer. Its records are copied; the log stays as it is.</param>
    /// <param name="where">Which batch and which bit of it.</param>
    internal static void Apply(FetchResponse response, int where)
    {
        var rows = response.Responses.SelectMany(topic => topic.Partitions)
            .Where(row => row.Records is { Length: > BatchHeader.Size }).ToArray();
        if (rows.Length == 0)
            return;
        var row = rows[where % rows.Length];
        var bytes = row.Records!.Value.ToArray();
        // The last batch may be cut off, and then nobody reads it.
        var size = Math.Min(bytes.Length, new BatchHeader(bytes).Length + BatchHeader.LogOverhead);
        var bit = where / rows.Length % (8 * (size - BatchHeader.AttributesAt));
        bytes[BatchHeader.AttributesAt + bit / 8] ^= (byte)(1 << (bit % 8));
        row.Records = bytes;
    }
}
