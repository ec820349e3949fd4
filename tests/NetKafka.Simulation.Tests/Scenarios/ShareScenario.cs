using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Records are produced and worked on by a share group (KIP-932) whose members come, leave in order, and die; they accept, release and reject. In
/// the end everything in the log has been worked on, and the group has nothing left to do.
/// </summary>
sealed class ShareScenario : Scenario
{
    public const string GroupId = "workers";

    // More often than a run has reasons to deliver a record again.
    const int DeliveryLimit = 1_000;

    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    ShareHistory? _history;

    public override string Name => "share";

    /// <summary>
    /// Where a leader begins with a hole between what was acknowledged, and compaction has taken the records of the hole, its share partition never
    /// gets past it: that is the coordinator's.
    /// </summary>
    public override bool Meets(FaultKind kind) => kind != FaultKind.Compacted && base.Meets(kind);

    /// <summary>Members of share groups are told of topics by ids, as those of the consumer protocol are.</summary>
    public override bool NeedsConsumerProtocol => true;

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(150);

    public override async Task RunAsync(SimWorld world)
    {
        var history = _history = new ShareHistory(world.Violations.Add);
        var partitions = 1 + world.Random.Next(3);
        world.CreateTopic(ConsumeScenario.Topic, partitions, 3);
        Configure(world);
        var workers = new ShareWorker[2 + world.Random.Next(3)];
        for (var i = 0; i < workers.Length; i++)
            workers[i] = new ShareWorker(world, history, $"worker-{i}", staysToTheEnd: i == 0);
        var working = Task.WhenAll(workers.Select(worker => worker.RunAsync()));
        await ConsumeScenario.ProduceAsync(world, partitions);
        while (!IsAllDone(world))
            await world.Pause(LookEvery);
        foreach (var worker in workers)
            worker.Bury();
        await working;
    }

    public override void Check(SimWorld world)
    {
        base.Check(world);
        foreach (var record in world.ReadLog().Records)
        {
            if (!record.IsRemoved && _history?.IsHandled(record.Partition, record.Offset) == false)
            {
                world.Violations.Add("P11 at least once", $"{record.Topic}-{record.Partition}@{record.Offset} was worked on by nobody, and the group is done with it");
                return;
            }
        }
    }

    static void Configure(SimWorld world)
    {
        var settings = world.Machine.Settings;
        settings.ShareRecordLockDurationMs = 1_000 + world.Random.Next(4_000);
        settings.ShareSessionTimeoutMs = 1_500 + world.Random.Next(5_000);
        settings.ShareHeartbeatIntervalMs = settings.ShareSessionTimeoutMs / (3 + world.Random.Next(3));
        settings.ShareAssignmentIntervalMs = world.Random.Next(3) * 200;
        settings.ShareDeliveryCountLimit = DeliveryLimit;
        world.Network.Operate(machine => machine.Operate(
            world.Scheduler.NowMs, static cluster => cluster.GroupConfigs.Set(GroupId, "share.auto.offset.reset", "earliest")));
    }

    /// <summary>Whether the group is done with every record that there is.</summary>
    static bool IsAllDone(SimWorld world)
    {
        var topic = world.Machine.Cluster.FindTopic(ConsumeScenario.Topic)!;
        foreach (var partition in topic.Partitions)
        {
            var key = new TopicIdPartition(topic.Id, partition.Index);
            if (partition.Log.EndOffset == partition.Log.StartOffset)
                continue;
            if (world.Machine.Cluster.Shares.StateOf(GroupId, key) is not { } state)
                return false;
            var start = Math.Max(state.StartOffset, world.Machine.Cluster.Shares.Find(GroupId, key)?.StartOffset ?? 0);
            if (start + state.DoneFrom(start) < partition.Log.EndOffset)
                return false;
        }
        return true;
    }
}
