using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using Row = NetKafka.Protocol.Messages.ShareFetchResponse.PartitionData;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>
/// One ShareFetch that reads: it waits for records that are free, acquires them and answers. As on a broker one that waits is not told of
/// partitions that go elsewhere meanwhile: it ends in its time and says nothing of them.
/// </summary>
/// <param name="call">The request.</param>
/// <param name="partitions">The partitions of the session, in the order in which they are served this time.</param>
/// <param name="isIncremental">Whether only what is news is told.</param>
/// <param name="acknowledged">What came of the acknowledgements that the request brought.</param>
sealed class ShareFetchTask(
    Call<ShareFetchRequest, ShareFetchResponse> call, SharedPartition[] partitions, bool isIncremental,
    ShareAcknowledgements acknowledged)
    : IPartitionWaiter
{
    const sbyte RecordLimit = 1;

    readonly List<Partition> watched = [];
    readonly List<SharedPartition> failed = [];
    readonly string groupId = call.Request.GroupId!;
    TimerEntry? timer;

    /// <summary>Answers if there is enough or nothing to wait for; else parks.</summary>
    internal void Start(long nowMs)
    {
        var request = call.Request;
        var reads = Look(nowMs);
        if (request.MaxRecords == 0 || request.MaxBytes == 0)
            reads = [.. reads.Where(static read => read.Error != ErrorCode.None)];
        if (Array.TrueForAll(reads, static read => read.Error != ErrorCode.None) || IsDue(reads) || request.MaxWaitMs <= 0)
        {
            Answer(reads, nowMs);
            return;
        }

        foreach (var read in reads)
        {
            if (read.Error != ErrorCode.None)
                failed.Add(read.Asked);
            if (read.Partition is null)
                continue;
            read.Partition.AddWaiter(this);
            watched.Add(read.Partition);
        }

        timer = call.Cluster.Timers.Schedule(nowMs + request.MaxWaitMs, now => Answer(LookAgain(now), now));
        call.OnAbandoned = Release;
    }

    public void OnPartitionChanged(Partition partition, long nowMs)
    {
        if (call.IsAnswered || watched.Count == 0)
            return;
        var reads = LookAgain(nowMs);
        if (IsDue(reads))
            Answer(reads, nowMs);
    }

    ShareRead[] Look(long nowMs) => [.. partitions.Select(partition => ShareRead.Of(call, groupId, partition, nowMs))];

    /// <summary>Without the partitions that could be read when the request came and cannot any more.</summary>
    ShareRead[] LookAgain(long nowMs) => [.. Look(nowMs).Where(read => read.Error == ErrorCode.None || failed.Contains(read.Asked))];

    /// <summary>Enough bytes, or something to deliver again.</summary>
    bool IsDue(ShareRead[] reads)
    {
        long least = Math.Max(1, call.Request.MinBytes);
        return Array.Exists(reads, static read => read.Error == ErrorCode.None && read.IsRedelivery)
            || reads.Where(static read => read.Error == ErrorCode.None).Sum(read => read.BytesUpTo(least)) >= least;
    }

    void Answer(ShareRead[] reads, long nowMs)
    {
        Release();
        var rows = new List<(TopicIdPartition Key, Row Row)>();
        var open = reads.Where(static read => read.Error == ErrorCode.None && read.CanAcquire).ToArray();
        var maxBytes = Math.Min(call.Request.MaxBytes, call.Cluster.Settings.MaxFetchBytes) / Math.Max(1, open.Length);
        long left = call.Request.MaxRecords;
        foreach (var read in reads)
        {
            if (read.Error == ErrorCode.None && !read.CanAcquire)
                continue;
            var row = read.Error == ErrorCode.None ? Acquire(read, maxBytes, ref left, nowMs) : Failed(read);
            var isNews = row.ErrorCode != ErrorCode.None || row.Records is { Length: > 0 } || read.Asked.MustTell;
            read.Asked.MustTell = row.ErrorCode != ErrorCode.None;
            if (isNews || !isIncremental)
                rows.Add((read.Asked.Key, row));
        }

        var response = new ShareFetchResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            AcquisitionLockTimeoutMs = call.Cluster.GroupConfigs.Number(groupId, GroupConfigNames.ShareRecordLockDurationMs),
            NodeEndpoints = LeadersOf(reads),
        };
        // As on Kafka 4.3: one topic that there is not takes the whole answer along, and what was acquired stays locked.
        if (Array.Exists(reads, static read => read.Error == ErrorCode.UnknownTopicId))
        {
            call.Answer(new ShareFetchResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = ErrorCode.UnknownServerError });
            return;
        }

        acknowledged.AddTo(rows);
        response.Responses = Group(rows);
        call.Answer(response);
    }

    Row Acquire(ShareRead read, int maxBytes, ref long left, long nowMs)
    {
        var row = new Row { PartitionIndex = read.Asked.Key.Partition, Records = ReadOnlyMemory<byte>.Empty };
        var batches = read.Batches(maxBytes);
        var order = new AcquireOrder(
            call.Request.MemberId!, call.Version >= 2 && call.Request.ShareAcquireMode == RecordLimit, call.Request.BatchSize, (int)left);
        var acquired = read.Acquire(order, batches, nowMs);
        if (acquired.Count == 0)
            return row;
        left -= acquired.Sum(static range => range.Count);
        var (first, last) = (acquired.Min(static range => range.First), acquired.Max(static range => range.Last));
        row.Records = batches.Where(batch => batch.LastOffset >= first && batch.BaseOffset <= last).SelectMany(static batch => batch.Bytes).ToArray();
        row.AcquiredRecords = [.. acquired.Select(static range => new ShareFetchResponse.AcquiredRecords
        {
            FirstOffset = range.First, LastOffset = range.Last, DeliveryCount = (short)range.DeliveryCount,
        })];
        return row;
    }

    static Row Failed(ShareRead read)
    {
        var row = new Row { PartitionIndex = read.Asked.Key.Partition, ErrorCode = read.Error, Records = ReadOnlyMemory<byte>.Empty };
        if (read.NamesLeader)
            row.CurrentLeader = new() { LeaderId = read.Partition!.Leader, LeaderEpoch = read.Partition.LeaderEpoch };
        return row;
    }

    ShareFetchResponse.NodeEndpoint[] LeadersOf(ShareRead[] reads) => [.. reads
        .Where(static read => read.NamesLeader && read.Partition!.Leader >= 0)
        .Select(static read => read.Partition!.Leader).Distinct().Order()
        .Select(node => call.Cluster.FindBroker(node)!)
        .Select(static node => new ShareFetchResponse.NodeEndpoint { NodeId = node.NodeId, Host = node.Host, Port = node.Port, Rack = node.Rack })];

    internal static ShareFetchResponse.ShareFetchableTopicResponse[] Group(List<(TopicIdPartition Key, Row Row)> rows) =>
        [.. rows.GroupBy(static row => row.Key.TopicId).Select(static topic => new ShareFetchResponse.ShareFetchableTopicResponse
        {
            TopicId = topic.Key, Partitions = [.. topic.Select(static row => row.Row)],
        })];

    void Release()
    {
        timer?.Cancel();
        foreach (var partition in watched)
            partition.RemoveWaiter(this);
        watched.Clear();
    }
}
