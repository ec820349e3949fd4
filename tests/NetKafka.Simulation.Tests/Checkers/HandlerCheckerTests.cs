namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of rebalance handlers finds what it is for: a sound story with one thing planted.</summary>
public sealed class HandlerCheckerTests
{
    static readonly TopicPartition Partition = new("t", 0);

    readonly Violations _violations = new();
    readonly HandlerChecker _handlers;

    public HandlerCheckerTests() => _handlers = new HandlerChecker("m", _violations);

    [Fact]
    public void What_is_given_once_and_taken_once_is_sound()
    {
        _handlers.Assign(Partition);
        _handlers.Revoke(Partition, isHeld: false);
        _handlers.Assign(Partition);
        _handlers.Lose(Partition);
        Assert.Empty(_violations.Kept);
    }

    [Fact]
    public void Partition_that_is_given_twice_is_found()
    {
        _handlers.Assign(Partition);
        _handlers.Assign(Partition);
        Finds("P13");
    }

    [Fact]
    public void Partition_that_is_given_up_and_lost_as_well_is_found()
    {
        _handlers.Assign(Partition);
        _handlers.Revoke(Partition, isHeld: false);
        _handlers.Lose(Partition);
        Finds("P13");
    }

    [Fact]
    public void Partition_that_is_given_up_with_a_record_in_hand_is_found()
    {
        _handlers.Assign(Partition);
        _handlers.Revoke(Partition, isHeld: true);
        Finds("P12");
    }

    void Finds(string property) => Assert.StartsWith(property + " ", Assert.Single(_violations.Kept).Property);
}
