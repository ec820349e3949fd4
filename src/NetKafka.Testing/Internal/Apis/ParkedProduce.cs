using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// A Produce with acks all that waits until its records are on all replicas in sync. It ends with an error if its time is
/// over or the leader changed meanwhile; the records may be in the log all the same, as on a broker.
/// </summary>
sealed class ParkedProduce : IPartitionWaiter
{
    readonly Call<ProduceRequest, ProduceResponse> call;
    readonly ProduceResponse response;
    readonly List<PartitionAppend> waiting;
    readonly List<(PartitionAppend Append, int Epoch)> epochs;
    TimerEntry? timer;

    internal ParkedProduce(Call<ProduceRequest, ProduceResponse> call, ProduceResponse response, List<PartitionAppend> appends)
    {
        this.call = call;
        this.response = response;
        waiting = [.. appends.Where(append => !append.IsReplicated)];
        epochs = [.. waiting.Select(append => (append, append.Partition!.LeaderEpoch))];
    }

    internal void Park(long deadlineMs)
    {
        foreach (var append in waiting)
            append.Partition!.AddWaiter(this);
        timer = call.Cluster.Timers.Schedule(deadlineMs, OnTimeout);
        call.OnAbandoned = Release;
    }

    public void OnPartitionChanged(Partition partition, long nowMs)
    {
        if (call.IsAnswered)
            return;
        foreach (var (append, epoch) in epochs)
        {
            if (append.Partition != partition || !waiting.Contains(append))
                continue;
            if (partition.Topic.IsDeleted)
                Fail(append, ErrorCode.UnknownTopicOrPartition);
            else if (partition.LeaderEpoch != epoch)
                FailLeadership(append);
            else if (append.IsReplicated && !partition.HasEnoughReplicas(call.Cluster.Settings))
                Fail(append, ErrorCode.NotEnoughReplicasAfterAppend);
            else if (append.IsReplicated)
                waiting.Remove(append);
        }

        if (waiting.Count == 0)
            Finish();
    }

    void OnTimeout(long nowMs)
    {
        foreach (var append in waiting.ToArray())
            Fail(append, ErrorCode.RequestTimedOut);
        Finish();
    }

    void FailLeadership(PartitionAppend append)
    {
        var error = call.Broker.HasLost(append.Partition!) ? ErrorCode.KafkaStorageError : ErrorCode.NotLeaderOrFollower;
        Fail(append, error);
        if (call.Version >= 10 && error == ErrorCode.NotLeaderOrFollower)
        {
            append.Answer.CurrentLeader =
                new() { LeaderId = append.Partition!.Leader, LeaderEpoch = append.Partition.LeaderEpoch };
        }
    }

    void Fail(PartitionAppend append, ErrorCode error)
    {
        append.Answer.ErrorCode = error;
        append.Answer.BaseOffset = -1;
        append.Answer.LogAppendTimeMs = -1;
        append.Answer.LogStartOffset = -1;
        waiting.Remove(append);
    }

    void Finish()
    {
        Release();
        if (call.Version >= 10)
            ProduceHandler.AddLeaders(call, response, [.. epochs.Select(entry => entry.Append)]);
        ProduceHandler.Finish(call, response);
    }

    void Release()
    {
        timer?.Cancel();
        foreach (var (append, _) in epochs)
            append.Partition!.RemoveWaiter(this);
    }
}
