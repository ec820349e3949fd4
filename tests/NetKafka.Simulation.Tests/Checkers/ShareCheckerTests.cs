using NetKafka.Consuming;
using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The history of a share group finds what is planted in it, and nothing else.</summary>
public sealed class ShareCheckerTests
{
    readonly List<string> _found = [];
    readonly ShareHistory _history;

    public ShareCheckerTests() => _history = new ShareHistory((property, _) => _found.Add(property));

    void Finish(string member, long offset, int delivery, AcknowledgeType type, bool isCommitted = true)
    {
        _history.Deliver(member, 0, offset, delivery);
        _history.Say(member, 0, offset, type);
        _history.Tell(member, 0, offset, isCommitted);
    }

    [Fact]
    public void Record_that_was_accepted_for_certain_does_not_come_again()
    {
        Finish("a", 7, 1, AcknowledgeType.Accept);
        _history.Deliver("b", 0, 7, 2);
        Assert.Equal(["P9 done is done"], _found);
    }

    [Fact]
    public void Record_comes_again_where_it_was_released_its_lock_had_ended_or_it_was_acquired_before()
    {
        Finish("a", 7, 1, AcknowledgeType.Release);
        Finish("b", 7, 2, AcknowledgeType.Accept, isCommitted: false);
        Finish("c", 7, 4, AcknowledgeType.Reject);
        // What waits in a member whose session has ended may be handed out there still.
        _history.Deliver("a", 0, 7, 3);
        Assert.Empty(_found);
        Assert.True(_history.IsHandled(0, 7));
        Assert.False(_history.IsHandled(0, 8));
    }

    [Fact]
    public void Word_that_did_not_count_is_not_taken_for_one_that_is_told_later()
    {
        Finish("a", 1, 1, AcknowledgeType.Accept, isCommitted: false);
        // It was acquired once more, not handed out, and given back.
        _history.Tell("a", 0, 1, isCommitted: true);
        Finish("b", 1, 3, AcknowledgeType.Accept);
        _history.CheckTold("a");
        Assert.Empty(_found);
    }

    [Fact]
    public void Outcome_that_is_never_told_is_found_when_the_member_has_left()
    {
        _history.Deliver("a", 0, 1, 1);
        _history.Say("a", 0, 1, AcknowledgeType.Accept);
        _history.CheckTold("b");
        Assert.Empty(_found);
        _history.CheckTold("a");
        Assert.Equal(["P24 outcomes are told"], _found);
    }
}
