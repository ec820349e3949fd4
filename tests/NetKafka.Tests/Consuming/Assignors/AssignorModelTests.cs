using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using static NetKafka.Tests.Consuming.Assignors.AssignorGroups;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>
/// One million random groups in all, against what each assignor promises. A failure names its seed; NETKAFKA_ASSIGNOR_SEED runs the groups
/// from that seed on.
/// </summary>
public sealed class AssignorModelTests
{
    const int GroupsOfEach = 250_000;
    const int GroupsOfChunk = 1_000;

    // A partition that moves takes two rebalances, and what is withheld may find another place in the second.
    const int MostRebalances = 6;

    static readonly ulong FirstSeed =
        Environment.GetEnvironmentVariable("NETKAFKA_ASSIGNOR_SEED") is { Length: > 0 } seed
            ? ulong.Parse(seed, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.Next() << 20;

    [Fact]
    public void Range_shares_each_topic_evenly() => Hold(new RangeAssignor(), static (assignor, group) =>
    {
        var (check, assignment) = (new GroupCheck(group.Topics, group.Members), assignor.Assign(group.Topics, group.Members));
        check.EveryPartitionHasOneReader(assignment);
        check.EachTopicIsShared(assignment);
        if (group.ReadsTheSame)
            TopicsOfOneSizeAreSharedAlike(group, assignment);
    });

    [Fact]
    public void Round_robin_deals_out_evenly_what_all_read() => Hold(new RoundRobinAssignor(), static (assignor, group) =>
    {
        var (check, assignment) = (new GroupCheck(group.Topics, group.Members), assignor.Assign(group.Topics, group.Members));
        check.EveryPartitionHasOneReader(assignment);
        if (group.ReadsTheSame)
            check.LoadsAreEven(assignment);
    });

    [Fact]
    public void Sticky_balances_and_moves_little() => Hold(new StickyAssignor(), static (assignor, group) =>
    {
        var check = new GroupCheck(group.Topics, group.Members);
        var assignment = assignor.Assign(group.Topics, group.Members);
        check.EveryPartitionHasOneReader(assignment);
        check.NoMoveBalancesBetter(assignment);
        if (group.ReadsTheSame)
            check.LoadsAreEven(assignment);
        if (group is { ReadsTheSame: true, HasRacks: false })
            check.OwnersKeepWhatIsTheirs(assignment);
        var owners = Owning(group.Members, assignment, 9);
        check.NothingMoved(assignment, assignor.Assign(group.Topics, owners));
        ComingAndGoingMovesNothingElse(assignor, group, owners, assignment);
    });

    [Fact]
    public void Cooperative_sticky_gives_nobody_what_another_reads_and_comes_to_an_end() => Hold(new CooperativeStickyAssignor(), static (assignor, group) =>
    {
        var members = group.Members;
        var assignment = assignor.Assign(group.Topics, members);
        for (var rebalances = 1; ; rebalances++)
        {
            new GroupCheck(group.Topics, members).NobodyIsGivenWhatAnotherReads(assignment);
            members = Owning(members, assignment, 8 + rebalances);
            var next = assignor.Assign(group.Topics, members);
            var isSettled = Array.TrueForAll(members, member => member.OwnedPartitions.SequenceEqual(next.PartitionsOf(member.MemberId)));
            assignment = next;
            if (isSettled)
                break;
            if (rebalances == MostRebalances)
                throw new InvalidOperationException("the group goes on rebalancing");
        }
        var check = new GroupCheck(group.Topics, members);
        check.EveryPartitionHasOneReader(assignment);
        check.NoMoveBalancesBetter(assignment);
        if (group.ReadsTheSame)
            check.LoadsAreEven(assignment);
    });

    /// <summary>Partition 3 of all topics with the same number of partitions goes to one member.</summary>
    static void TopicsOfOneSizeAreSharedAlike(RandomGroup group, GroupAssignment assignment)
    {
        foreach (var member in group.Members)
        {
            var given = assignment.PartitionsOf(member.MemberId);
            foreach (var partition in given)
            {
                foreach (var (topic, count) in group.Topics.Counts)
                {
                    if (count == group.Topics.Counts[partition.Topic] && member.Topics.Contains(topic) && !given.Contains(partition with { Topic = topic }))
                        throw new InvalidOperationException($"{partition} and {topic}-{partition.Partition} go to different members");
                }
            }
        }
    }

    /// <summary>Where all read the same, and by no racks.</summary>
    static void ComingAndGoingMovesNothingElse(PartitionAssignor assignor, RandomGroup group, MemberSubscription[] owners, GroupAssignment assignment)
    {
        if (!group.ReadsTheSame || group.HasRacks)
            return;
        var stayed = owners[1..];
        if (stayed.Length > 0)
            new GroupCheck(group.Topics, stayed).NobodyLostAnything(assignment, assignor.Assign(group.Topics, stayed));
        MemberSubscription comes = new("new", null, owners[0].Topics, [], -1);
        var after = assignor.Assign(group.Topics, [.. owners, comes]);
        foreach (var owner in owners)
        {
            if (after.PartitionsOf(owner.MemberId).Except(assignment.PartitionsOf(owner.MemberId)).Any())
                throw new InvalidOperationException($"{owner.MemberId} is given something though another one has come");
        }
    }

    static MemberSubscription[] Owning(MemberSubscription[] members, GroupAssignment assignment, int generation) =>
        Array.ConvertAll(members, member => member with { OwnedPartitions = [.. assignment.PartitionsOf(member.MemberId)], Generation = generation });

    static void Hold(PartitionAssignor assignor, Action<PartitionAssignor, RandomGroup> check) =>
        Parallel.For(0, GroupsOfEach / GroupsOfChunk, chunk =>
        {
            for (var i = 0; i < GroupsOfChunk; i++)
            {
                var seed = FirstSeed + (ulong)(chunk * GroupsOfChunk + i);
                try
                {
                    var group = new RandomGroup(seed);
                    check(assignor, group);
                    // Which order the coordinator lists them in changes nothing.
                    if (i % 16 == 0)
                        OrderChangesNothing(assignor, group);
                }
                catch (Exception error)
                {
                    throw new InvalidOperationException($"{assignor.Name}, NETKAFKA_ASSIGNOR_SEED={seed}: {error.Message}", error);
                }
            }
        });

    static void OrderChangesNothing(PartitionAssignor assignor, RandomGroup group) => new GroupCheck(group.Topics, group.Members).NothingMoved(
        assignor.Assign(group.Topics, group.Members), assignor.Assign(group.Topics, [.. Enumerable.Reverse(group.Members)]));
}
