using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Records are produced and read by a group whose members come, leave in order, and die. In the end everything in the log has
/// been handled, and the group has committed all of it.
/// </summary>
/// <param name="protocol">How the group shares its partitions.</param>
sealed class ConsumeScenario(GroupProtocol protocol = GroupProtocol.Classic) : Scenario
{
    public const string Topic = "orders";
    const int RecordsInChaos = 210;
    const int RecordsAfter = 15;
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    public override string Name => protocol == GroupProtocol.Classic ? "consume" : "consume-848";

    public override bool NeedsConsumerProtocol => protocol == GroupProtocol.Consumer;

    public override bool MayHaveRacks => true;

    public override bool MayRecreateTopics => true;

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(150);

    public override async Task RunAsync(SimWorld world)
    {
        var partitions = 1 + world.Random.Next(5);
        world.CreateTopic(Topic, partitions, 3);
        var members = new GroupMember[2 + world.Random.Next(3)];
        var group = new GroupMemberSettings(world, protocol);
        for (var i = 0; i < members.Length; i++)
            members[i] = new GroupMember(world, group, Topic, $"member-{i}", staysToTheEnd: i == 0);
        if (group is { KnowsStaticMembers: true, HasBothProtocols: false } && world.Chance("restarts") is var chance && chance.Next(5) == 0)
            members = [members[0], .. members[2..], .. Restart(world, group, chance)];
        var reading = Task.WhenAll(members.Select(member => member.RunAsync()));
        await ProduceAsync(world, partitions);
        // What was finished and not committed by a member that died or was shut out has to be read again by another.
        // And whoever was shut out has to learn it.
        var isCommittedSoon = group is { CommitsOnlyWhenLeaving: false, CommitsByHand: false };
        while (!IsAllFinished(world) || (isCommittedSoon && !IsAllCommitted(world))
            || !world.Group.AreOwnersCounted(name => world.IsMember(GroupMemberSettings.GroupId, name)))
            await world.Pause(LookEvery);
        foreach (var member in members)
            member.Leave();
        await reading;
        if (members.Count(static member => member.HasTwin && member.IsShutOut) > 1)
            world.Violations.Add("P13 assignment", "two members have one instance id, and both were shut out");
        if (!group.CommitsByHand && !world.Group.HasDeniedCommits && !members.Any(member => member.HasLost || world.Group.IsExpelled(member.Name)))
            CheckCommitted(world);
    }

    /// <summary>
    /// Two processes of one instance id (KIP-345): the second comes when the first has died or left, soon or after its session, or while it
    /// still lives. Not where the group may go over to the other protocol by that: it takes the topics as they are then for those that were
    /// shared out, and as nothing has changed since, partitions that were added and that its leader has not noticed are nobody's.
    /// </summary>
    static GroupMember[] Restart(SimWorld world, GroupMemberSettings group, RandomSource chance)
    {
        const string instance = "instance-1";
        var hasTwin = chance.Next(4) == 0;
        var first = new GroupMember(world, group, Topic, "member-1", staysToTheEnd: false) { Instance = instance, HasTwin = hasTwin };
        var pause = TimeSpan.FromMilliseconds(chance.Next(chance.Next(3) == 0 ? 8_000 : 500));
        var start = hasTwin ? world.Pause(TimeSpan.FromTicks((long)(world.ChaosTicks * chance.NextDouble()))) : AfterAsync(world, first.Gone, pause);
        return [first, new GroupMember(world, group, Topic, "member-1-again", staysToTheEnd: true) { Instance = instance, HasTwin = hasTwin, Start = start }];
    }

    static async Task AfterAsync(SimWorld world, Task gone, TimeSpan pause)
    {
        await gone;
        await world.Pause(pause);
    }

    public override void Check(SimWorld world)
    {
        base.Check(world);
        ConsumeChecker.Check(world.Group, world.ReadLog(), world.Violations);
        KeyOrderChecker.Check(world.Group, world.ReadLog(), world.Violations);
    }

    /// <summary>One process sends records in the chaos and after it.</summary>
    public static async Task ProduceAsync(SimWorld world, int partitions)
    {
        var client = world.CreateClient("producer", GroupMemberSettings.LearnSoon);
        var options = new ProducerOptions { Linger = TimeSpan.FromMilliseconds(world.Random.Next(20)) };
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, byte[]>(options);
        var lane = new ProducerLane(world, producer, options, 0) { Topics = [Topic], Partitions = partitions };
        await lane.SendManyAsync(RecordsInChaos, world.ChaosTicks);
        await world.Healed;
        await lane.SendManyAsync(RecordsAfter, TimeSpan.TicksPerSecond);
        await lane.WaitForOutcomesAsync();
        await producer.DisposeAsync();
        await client.DisposeAsync();
    }

    static bool IsAllFinished(SimWorld world)
    {
        foreach (var partition in world.Machine.Cluster.FindTopic(Topic)!.Partitions)
        {
            if (world.Group.FinishedUpTo(Topic, partition.Index) < partition.Log.EndOffset)
                return false;
        }
        return true;
    }

    static bool IsAllCommitted(SimWorld world)
    {
        foreach (var partition in world.Machine.Cluster.FindTopic(Topic)!.Partitions)
        {
            if (partition.Log.EndOffset > Math.Max(0, Committed(world, partition.Index)) && !world.Group.MayBeTakenBack(Topic, partition.Index))
                return false;
        }
        return true;
    }

    /// <summary>Whoever gives up partitions in order has committed what it has finished of them.</summary>
    static void CheckCommitted(SimWorld world)
    {
        foreach (var partition in world.Machine.Cluster.FindTopic(Topic)!.Partitions)
            world.Group.CheckCommitted(Topic, partition.Index, Math.Max(0, Committed(world, partition.Index)));
    }

    static long Committed(SimWorld world, int partition) => world.CommittedOffset(GroupMemberSettings.GroupId, Topic, partition);
}
