using NetKafka.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Descriptions of topics that come page by page (KIP-966): a topic may begin in one page and end in another.</summary>
/// <param name="items">The topics.</param>
/// <param name="brokers">The brokers by node id.</param>
/// <param name="includeAuthorizedOperations">Whether it is told what the client may do.</param>
sealed class TopicPages(AdminItems<string, TopicDescription> items, IReadOnlyDictionary<int, BrokerNode> brokers, bool includeAuthorizedOperations)
{
    const int PartitionsPerPage = 2_000;

    readonly SortedDictionary<string, (DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Head, SortedDictionary<int, PartitionDescription> Partitions)> _begun =
        new(StringComparer.Ordinal);

    DescribeTopicPartitionsResponse.Cursor? _next;

    /// <summary>The request for the next page.</summary>
    public DescribeTopicPartitionsRequest Next() => new()
    {
        // Brokers answer in this order, and go on behind the cursor in it.
        Topics = [.. items.Open.Order(StringComparer.Ordinal).Select(static name => new DescribeTopicPartitionsRequest.TopicRequest { Name = name })],
        ResponsePartitionLimit = PartitionsPerPage,
        Cursor = _next is null ? null : new() { TopicName = _next.TopicName, PartitionIndex = _next.PartitionIndex },
    };

    public Step<IReadOnlyList<ItemResult<string, TopicDescription>>> Take(DescribeTopicPartitionsResponse answer)
    {
        KafkaException? again = null;
        foreach (var topic in answer.Topics.Where(static topic => topic.Name is not null))
        {
            if (topic.ErrorCode == ErrorCode.None)
                Gather(topic);
            else
                items.TakeForAll([topic.Name!], topic.ErrorCode, null);
            if (items.IsOpen(topic.Name!) && items.DeferralOf(topic.Name!) is { } deferral)
                again = deferral.Error;
        }
        var isEnd = answer.NextCursor is null;
        // A broker that comes back to where it was would be asked for ever.
        if (!isEnd && _next is not null && string.CompareOrdinal(answer.NextCursor!.TopicName, _next.TopicName) is var order
            && (order < 0 || (order == 0 && answer.NextCursor.PartitionIndex <= _next.PartitionIndex)))
            return Step<IReadOnlyList<ItemResult<string, TopicDescription>>>.Fail(new KafkaProtocolException("The topics could not be described: a page does not lead on."));
        foreach (var name in _begun.Keys.Where(name => isEnd || string.CompareOrdinal(name, answer.NextCursor!.TopicName) < 0).ToArray())
            Finish(name);
        _next = answer.NextCursor;
        if (!isEnd)
            return Step<IReadOnlyList<ItemResult<string, TopicDescription>>>.More();
        if (items.IsOver)
            return Step<IReadOnlyList<ItemResult<string, TopicDescription>>>.Done(items.Results());
        return Step<IReadOnlyList<ItemResult<string, TopicDescription>>>.Retry(again ?? new KafkaProtocolException($"The broker's answer says nothing of topic '{items.Open.First()}'."));
    }

    /// <summary>What is described so far; the rest has this error.</summary>
    public IReadOnlyList<ItemResult<string, TopicDescription>> Results(KafkaException error)
    {
        foreach (var name in items.Open.ToArray())
            items.Fail(name, error);
        return items.Results();
    }

    void Gather(DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic topic)
    {
        if (!_begun.TryGetValue(topic.Name!, out var begun))
            _begun[topic.Name!] = begun = (topic, []);
        foreach (var partition in topic.Partitions)
            begun.Partitions[partition.PartitionIndex] = TopicDescriptions.From(partition, brokers);
    }

    void Finish(string name)
    {
        var (head, partitions) = _begun[name];
        _begun.Remove(name);
        items.Succeed(name, new TopicDescription(name, head.TopicId, head.IsInternal, [.. partitions.Values])
        {
            AuthorizedOperations = includeAuthorizedOperations ? TopicDescriptions.Operations(head.TopicAuthorizedOperations) : null,
        });
    }
}
