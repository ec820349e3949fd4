namespace NetKafka.Simulation.Tests.Checkers;

public sealed class SessionCheckerTests
{
    [Fact]
    public void Session_that_is_begun_anew_for_nothing_is_found()
    {
        var violations = new Violations();
        var checker = new SessionChecker(violations);
        checker.OnFetchFailed("member-0");
        checker.OnNeedlessFullFetch("member-0", 1);
        Assert.Empty(violations.Kept);
        checker.OnNeedlessFullFetch("member-0", 2);
        Assert.Contains("node 2", Assert.Single(violations.Kept).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_of_one_client_is_no_reason_for_another()
    {
        var violations = new Violations();
        var checker = new SessionChecker(violations);
        checker.OnFetchFailed("member-0");
        checker.OnNeedlessFullFetch("member-1", 1);
        Assert.Single(violations.Kept);
    }
}
