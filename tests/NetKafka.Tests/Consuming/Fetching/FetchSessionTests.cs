using NetKafka.Internal.Consuming.Fetching;

namespace NetKafka.Tests.Consuming.Fetching;

/// <summary>The consumer's half of a fetch session (KIP-227), against a broker that only does what the changes tell it.</summary>
public sealed class FetchSessionTests
{
    const int Topics = 3;
    const int Partitions = 8;

    static readonly Guid TopicId = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    [Fact]
    public void Broker_that_follows_the_changes_holds_what_is_asked_for()
    {
        for (var seed = 0; seed < 200; seed++)
            Follow(new Random(seed));
    }

    [Fact]
    public void Partition_that_stays_as_it_is_is_named_once()
    {
        var session = new FetchSession();
        var plan = new FetchPlan();
        var slot = session.SlotOf(new TopicPartition("a", 0));
        for (var i = 0; i < 3; i++)
        {
            Ask(plan, new FetchTarget(slot, null, 0, TopicId, 5, 1, 100));
            session.Plan(plan);
            session.OnAnswered(7, usesTopicIds: true);
            Assert.Equal(i == 0 ? 1 : 0, plan.Changed.Count);
            Assert.Empty(plan.Forgotten);
        }
    }

    /// <summary>A broker before 3.1, of which nothing was known when it was asked first.</summary>
    [Fact]
    public void Session_that_turns_out_to_be_of_names_goes_on_as_one()
    {
        var session = new FetchSession();
        var plan = new FetchPlan();
        Ask(plan, new FetchTarget(session.SlotOf(new TopicPartition("a", 0)), null, 0, TopicId, 5, 1, 100));
        session.Plan(plan);
        Assert.True(plan.UsesTopicIds);
        session.OnAnswered(7, usesTopicIds: false);
        plan.AllowsTopicIds = false;
        session.Plan(plan);
        Assert.Equal((7, 1), (plan.SessionId, plan.SessionEpoch));
        Assert.Empty(plan.Changed);
    }

    static void Follow(Random random)
    {
        var session = new FetchSession();
        var plan = new FetchPlan();
        var ids = Enumerable.Range(0, Topics).Select(_ => Guid.NewGuid()).ToArray();
        var slots = Slots(session);
        var atBroker = new Dictionary<(string Topic, Guid Id, int Partition), FetchTarget>();
        for (var step = 0; step < 60; step++)
        {
            if (random.Next(10) == 0)
                slots = Slots(session);
            if (random.Next(10) == 0)
                ids[random.Next(Topics)] = random.Next(3) == 0 ? Guid.Empty : Guid.NewGuid();
            var share = random.NextDouble();
            Ask(plan, [.. slots.Where(_ => random.NextDouble() < share).Select(slot =>
                new FetchTarget(slot, null, step, ids[slot.Partition.Topic[0] - 'a'], random.Next(2), random.Next(2), 100))]);
            session.Plan(plan);

            if (plan.SessionEpoch <= 0)
                atBroker.Clear();
            // A broker adds first and forgets then.
            foreach (var target in plan.SessionEpoch <= 0 ? plan.All : plan.Changed)
                atBroker[KeyOf(plan, target)] = target;
            foreach (var forgotten in plan.Forgotten)
                Assert.True(atBroker.Remove(KeyOf(plan, forgotten)), $"{forgotten.Partition} was forgotten that the broker does not hold");
            Assert.Equal(plan.All.Select(Wire).Order(), atBroker.Values.Select(Wire).Order());
            foreach (var target in plan.All)
            {
                Assert.True(session.TryGet(target.Partition.Topic, target.Partition.Partition, out var held));
                Assert.Equal(target, held);
                if (plan.UsesTopicIds)
                    Assert.True(session.TryGetName(target.TopicId, out var name) && name == target.Partition.Topic);
            }
            Assert.All(
                slots.Where(slot => plan.All.All(target => target.Slot != slot)),
                slot => Assert.False(session.TryGet(slot.Partition.Topic, slot.Partition.Partition, out _)));

            switch (random.Next(8))
            {
                case 0:
                    session.Restart();
                    break;
                case 1:
                    session.Reset();
                    break;
                case 2:
                    session.OnAnswered(0, plan.UsesTopicIds);
                    break;
                default:
                    session.OnAnswered(7, plan.UsesTopicIds);
                    break;
            }
        }
    }

    static FetchSlot[] Slots(FetchSession session) =>
    [
        .. from topic in Enumerable.Range(0, Topics)
           from partition in Enumerable.Range(0, Partitions)
           select session.SlotOf(new TopicPartition($"{(char)('a' + topic)}", partition)),
    ];

    static void Ask(FetchPlan plan, params FetchTarget[] targets)
    {
        plan.All.Clear();
        plan.All.AddRange(targets);
    }

    static (string, Guid, int) KeyOf(FetchPlan plan, FetchTarget target) =>
        plan.UsesTopicIds ? ("", target.TopicId, target.Partition.Partition) : (target.Partition.Topic, Guid.Empty, target.Partition.Partition);

    static string Wire(FetchTarget target) => $"{target.Partition} {target.TopicId} {target.Offset} {target.LeaderEpoch} {target.MaxBytes}";
}
