using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Fetching;

/// <summary>One Fetch: which partitions it reads, and how its answer is told.</summary>
sealed class FetchTask(
    Call<FetchRequest, FetchResponse> call, FetchSession? session, bool isIncremental, SessionPartition[] partitions)
    : IPartitionWaiter
{
    readonly List<Partition> watched = [];
    TimerEntry? timer;

    /// <summary>Answers if there is enough, an error or no time to wait; else parks.</summary>
    internal void Start(long nowMs)
    {
        var read = Read();
        if (read.IsDue || call.Request.MaxWaitMs <= 0 || partitions.Length == 0)
        {
            Answer(read);
            return;
        }

        foreach (var partition in read.Partitions)
        {
            if (partition.Partition is null)
                continue;
            partition.Partition.AddWaiter(this);
            watched.Add(partition.Partition);
        }

        timer = call.Cluster.Timers.Schedule(nowMs + call.Request.MaxWaitMs, _ => Answer(Read()));
        call.OnAbandoned = Release;
    }

    public void OnPartitionChanged(Partition partition, long nowMs)
    {
        if (call.IsAnswered)
            return;
        var read = Read();
        if (read.IsDue)
            Answer(read);
    }

    FetchRead Read() => FetchRead.Run(call, partitions);

    void Answer(FetchRead read)
    {
        Release();
        var told = new List<(PartitionKey Key, FetchResponse.PartitionData Data)>();
        foreach (var partition in read.Partitions)
        {
            var data = partition.Encode(call);
            var isNews = partition.Session.Tell(data);
            if (isNews || !isIncremental)
                told.Add((partition.Session.Key, data));
            if (isIncremental && data.Records is { Length: > 0 })
                session?.MoveToEnd(partition.Session);
        }

        var response = new FetchResponse
        {
            ThrottleTimeMs = call.ThrottleMs, SessionId = session?.Id ?? 0, Responses = Group(told),
        };
        if (call.Version >= 16)
            AddLeaders(response, read);
        call.Connection.HealthyFetchSession = call.Fault == default ? response.SessionId : 0;
        call.Answer(response);
    }

    /// <summary>Partitions of one topic that follow each other share an entry; the order stays.</summary>
    static FetchResponse.FetchableTopicResponse[] Group(List<(PartitionKey Key, FetchResponse.PartitionData Data)> told)
    {
        var topics = new List<FetchResponse.FetchableTopicResponse>();
        for (var i = 0; i < told.Count;)
        {
            var key = told[i].Key;
            var end = i;
            while (end < told.Count && told[end].Key.Topic == key.Topic && told[end].Key.TopicId == key.TopicId)
                end++;
            topics.Add(new FetchResponse.FetchableTopicResponse
            {
                Topic = key.Topic, TopicId = key.TopicId, Partitions = [.. told[i..end].Select(entry => entry.Data)],
            });
            i = end;
        }

        return [.. topics];
    }

    void AddLeaders(FetchResponse response, FetchRead read)
    {
        response.NodeEndpoints = [.. read.Partitions
            .Where(partition => partition.NamesLeader && partition.Partition!.Leader >= 0)
            .Select(partition => partition.Partition!.Leader).Distinct().Order()
            .Select(node => call.Cluster.FindBroker(node)!)
            .Select(node => new FetchResponse.NodeEndpoint
            {
                NodeId = node.NodeId, Host = node.Host, Port = node.Port, Rack = node.Rack,
            })];
    }

    void Release()
    {
        timer?.Cancel();
        foreach (var partition in watched)
            partition.RemoveWaiter(this);
        watched.Clear();
    }
}
