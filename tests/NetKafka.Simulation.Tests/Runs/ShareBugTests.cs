using NetKafka.Internal.Kernel;
using NetKafka.Tests.Consuming.Sharing;
using Xunit.Sdk;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>Each bug of share groups that no seed shows fails the test that holds its rule.</summary>
public sealed class ShareBugTests
{
    static readonly SortedDictionary<Bug, Action> Rules = new()
    {
        [Bug.GapIsNotAcknowledged] = static () => new ShareFetchTests().Offsets_without_records_are_acknowledged_as_gaps(),
        [Bug.ShareEpochIsUsedAgain] = static () =>
            new ShareFetchTests().Fetch_without_an_answer_is_followed_by_a_session_of_its_own(),
        [Bug.RenewalIsToldAsAccept] = static () => new ShareRenewalTests().Renewal_is_sent_at_once_and_another_word_may_follow_it(),
        [Bug.EndedLockIsNotLookedAt] = static () =>
            new ShareFetchTests().Records_whose_lock_has_ended_before_their_turn_are_left_out_and_nothing_is_said_of_them(),
        [Bug.LocksEndWithAnIdleConnection] = static () => new ShareFetchTests().Connection_is_needed_while_something_is_locked_by_it(),
    };

    public static TheoryData<string> Bugs { get; } = [.. PlantedBugs.ShownByTests.Select(static bug => bug.ToString())];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Bug_that_is_put_back_fails_its_rule(string name)
    {
        var bug = Enum.Parse<Bug>(name);
        Rules[bug]();
        Planted.Bug = bug;
        try
        {
            Assert.ThrowsAny<XunitException>(Rules[bug]);
        }
        finally
        {
            Planted.Bug = Bug.None;
        }
    }
}
