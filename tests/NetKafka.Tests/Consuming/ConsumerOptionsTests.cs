using NetKafka.Consuming;

namespace NetKafka.Tests.Consuming;

public sealed class ConsumerOptionsTests
{
    static readonly PartitionAssignmentStrategy[] Defaults = [PartitionAssignmentStrategy.Range, PartitionAssignmentStrategy.CooperativeSticky];

    [Fact]
    public void Strategies_may_be_left_out_beside_a_custom_assignor()
    {
        Assert.Single(Options([], new Named("mine")).Validated().CustomAssignors);
        Assert.Contains("PartitionAssignmentStrategies is empty", Mistake([]), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_assignors_tell_them_apart()
    {
        Assert.Contains("Named has no Name", Mistake(Defaults, new Named("")), StringComparison.Ordinal);
        Assert.Contains("'range' of Named is that of another", Mistake(Defaults, new Named("range")), StringComparison.Ordinal);
        Assert.Contains("'mine' of Named is that of another", Mistake(Defaults, new Named("mine"), new Named("mine")), StringComparison.Ordinal);
        Assert.Equal(2, Options(Defaults, new Named("mine"), new Named("sticky")).Validated().CustomAssignors.Count);
    }

    [Fact]
    public void Assignors_have_a_protocol_in_common()
    {
        Assert.Contains("SupportedProtocols", Mistake(Defaults, new Named("mine", [])), StringComparison.Ordinal);
        var cooperative = new Named("mine", [RebalanceProtocol.Cooperative]);
        Assert.Contains("no rebalance protocol in common", Mistake(Defaults, cooperative), StringComparison.Ordinal);
        Assert.Single(Options([PartitionAssignmentStrategy.CooperativeSticky], cooperative).Validated().CustomAssignors);
        Assert.Contains("no rebalance protocol in common", Mistake([], cooperative, new Named("other")), StringComparison.Ordinal);
    }

    [Fact]
    public void Null_among_the_custom_assignors_is_a_mistake() =>
        Assert.Contains("CustomAssignors is null, or has a null in it", Mistake(Defaults, [null!]), StringComparison.Ordinal);

    static ConsumerOptions Options(PartitionAssignmentStrategy[] strategies, params ConsumerPartitionAssignor[] assignors) =>
        new() { GroupId = "g", Topics = ["payments"], PartitionAssignmentStrategies = strategies, CustomAssignors = assignors };

    static string Mistake(PartitionAssignmentStrategy[] strategies, params ConsumerPartitionAssignor[] assignors) =>
        Assert.Throws<KafkaOptionsException>(() => Options(strategies, assignors).Validated()).Message;

    sealed class Named(string name, IReadOnlyList<RebalanceProtocol>? protocols = null) : ConsumerPartitionAssignor
    {
        public override string Name => name;

        public override IReadOnlyList<RebalanceProtocol> SupportedProtocols => protocols ?? base.SupportedProtocols;

        public override GroupAssignment Assign(GroupSubscription group) => new();
    }
}
