namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of leaks finds each kind of them.</summary>
public sealed class LeakCheckerTests
{
    readonly Violations _violations = new();
    readonly LeakChecker _leaks;

    public LeakCheckerTests() => _leaks = new LeakChecker(_violations);

    [Fact]
    public void Client_that_left_nothing_behind_is_sound()
    {
        _leaks.CheckClient("c", 0, null);
        _leaks.CheckWorld(0, 0);
        Assert.Empty(_violations.Kept);
    }

    [Fact]
    public void Buffer_that_was_not_given_back_is_found()
    {
        _leaks.CheckClient("c", 1, null);
        Finds("P22 nothing leaks");
    }

    [Fact]
    public void Client_that_ended_by_a_defect_is_found()
    {
        _leaks.CheckClient("c", 0, new InvalidOperationException("A request has a second outcome."));
        Finds("P22 no defect");
    }

    [Fact]
    public void Connection_that_is_still_open_is_found()
    {
        _leaks.CheckWorld(1, 0);
        Finds("P22 nothing leaks");
    }

    [Fact]
    public void Timer_that_is_still_set_is_found()
    {
        _leaks.CheckWorld(0, 1);
        Finds("P22 nothing leaks");
    }

    void Finds(string property) => Assert.Equal(property, Assert.Single(_violations.Kept).Property);
}
