using NetKafka.Protocol.Records;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A record that our consumer read, with copies of what does not outlive the reading loop.</summary>
sealed record ReadRecord<TKey, TValue>(
    string Topic, int Partition, long Offset, long TimestampMs, TKey Key, TValue Value, IReadOnlyList<KeyValuePair<string, string?>> Headers);

static class ReadRecords
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Reads so many records, all of them finished, and leaves the loop.</summary>
    public static Task<List<ReadRecord<TKey, TValue>>> Take<TKey, TValue>(
        this Consumer<TKey, TValue> consumer, int count, CancellationToken cancellation) =>
        consumer.TakeUntil(records => records.Count == count, $"{count} records", cancellation);

    /// <summary>Reads until it is enough; fails with what there is by then.</summary>
    public static async Task<List<ReadRecord<TKey, TValue>>> TakeUntil<TKey, TValue>(
        this Consumer<TKey, TValue> consumer, Func<IReadOnlyList<ReadRecord<TKey, TValue>>, bool> isEnough, string what,
        CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var records = new List<ReadRecord<TKey, TValue>>();
        try
        {
            await foreach (var record in consumer.ReadAllAsync(limit.Token))
            {
                records.Add(new(record.Topic, record.Partition, record.Offset, record.TimestampMs, record.Key, record.Value,
                    [.. record.Headers.Select(header => KeyValuePair.Create(header.Key, header.GetText()))]));
                consumer.MarkFinished(record);
                if (isEnough(records))
                    break;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Assert.Fail($"{records.Count} records were read within {Limit.TotalSeconds} s, and not {what}.");
        }
        return records;
    }
}
