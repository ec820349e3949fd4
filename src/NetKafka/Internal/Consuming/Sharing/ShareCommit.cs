using NetKafka.Consuming;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>A call of the application that waits for what brokers say of what it has acknowledged so far.</summary>
sealed class ShareCommit(Call<IReadOnlyList<ShareAcknowledgement>> call, List<AcquiredBatch> awaited)
{
    readonly SortedDictionary<TopicPartition, List<ShareAcknowledgement>> _results = [];

    public Call<IReadOnlyList<ShareAcknowledgement>> Call { get; } = call;

    /// <summary>What has something on its way, or waiting, since before the call.</summary>
    public List<AcquiredBatch> Awaited { get; } = awaited;

    public void Add(ShareAcknowledgement result)
    {
        if (!_results.TryGetValue(result.TopicPartition, out var results))
            _results[result.TopicPartition] = results = [];
        results.Add(result);
    }

    /// <summary>One result for each partition and outcome, in order.</summary>
    public IReadOnlyList<ShareAcknowledgement> Results =>
    [
        .. _results.SelectMany(static partition => partition.Value.GroupBy(static result => (result.Error?.Code ?? Protocol.ErrorCode.None, result.IsRenewal),
            (kind, same) => new ShareAcknowledgement(partition.Key, [.. same.SelectMany(static result => result.Offsets).Distinct().Order()], same.First().Error)
            {
                IsRenewal = kind.IsRenewal,
            })),
    ];
}
