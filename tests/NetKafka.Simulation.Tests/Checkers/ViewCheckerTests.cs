using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of views finds an epoch that falls, and nothing else.</summary>
public sealed class ViewCheckerTests
{
    static readonly Guid Id = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    readonly Violations _violations = new();

    [Fact]
    public void Epoch_that_falls_is_found()
    {
        Look((1, Id, 5), (2, Id, 7), (3, Id, 6));
        Assert.StartsWith("P9 ", Assert.Single(_violations.Kept).Property);
    }

    [Fact]
    public void Epoch_that_rises_or_stays_is_sound()
    {
        Look((1, Id, -1), (2, Id, 5), (3, Id, 5), (4, Id, 8));
        Assert.Empty(_violations.Kept);
    }

    [Fact]
    public void Topic_that_was_created_anew_begins_its_epochs_anew()
    {
        Look((1, Id, 5), (2, Guid.NewGuid(), 0));
        Assert.Empty(_violations.Kept);
    }

    [Fact]
    public void Partitions_that_a_passing_error_makes_forgotten_are_found()
    {
        var checker = new ViewChecker(_violations);
        checker.Look("c", View(1, Id, 5));
        var wiped = new TopicView("t", Id, false, [], ErrorCode.LeaderNotAvailable);
        checker.Look("c", ClusterView.Empty with { Generation = 2, Topics = new Dictionary<string, TopicView> { ["t"] = wiped } });
        Assert.StartsWith("P13 ", Assert.Single(_violations.Kept).Property);
    }

    [Fact]
    public void Topic_that_was_forgotten_meanwhile_may_begin_again()
    {
        var checker = new ViewChecker(_violations);
        checker.Look("c", View(1, Id, 5));
        checker.Look("c", ClusterView.Empty with { Generation = 2 });
        checker.Look("c", View(3, Id, 4));
        Assert.Empty(_violations.Kept);
    }

    void Look(params (long Generation, Guid Id, int Epoch)[] views)
    {
        var checker = new ViewChecker(_violations);
        foreach (var (generation, id, epoch) in views)
            checker.Look("c", View(generation, id, epoch));
    }

    static ClusterView View(long generation, Guid id, int epoch)
    {
        var topic = new TopicView("t", id, false, [new PartitionView(0, 1, epoch, [1], [1], ErrorCode.None)], ErrorCode.None);
        return ClusterView.Empty with { Generation = generation, Topics = new Dictionary<string, TopicView> { ["t"] = topic } };
    }
}
