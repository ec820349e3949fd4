using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Each checker of reading finds what it is for: a sound run with one thing planted.</summary>
public sealed class ConsumeCheckerTests
{
    readonly Violations _violations = new();
    readonly GroupHistory _group;
    readonly LogTruth _truth = new();

    public ConsumeCheckerTests()
    {
        _group = new GroupHistory(_violations.Add);
        for (var offset = 0; offset < 6; offset++)
            _truth.Records.Add(new LoggedRecord(offset + 100, "t", Guid.Empty, 0, offset, 0, null, [], 0));
        for (var offset = 0; offset < 3; offset++)
        {
            Deliver("a", 1, offset);
            _group.Finish("a", "t", 0, offset);
        }
    }

    [Fact]
    public void Sound_run_has_no_violations()
    {
        _group.Commit("a", "t", 0, 3);
        // Another member begins at the commit, or before it.
        Deliver("b", 1, 2);
        Deliver("b", 1, 3);
        Assert.Empty(Check());
    }

    [Fact]
    public void Skipped_record_is_found()
    {
        Deliver("a", 1, 4);
        Finds("P8");
    }

    [Fact]
    public void Record_that_was_removed_may_be_skipped_and_need_not_be_finished()
    {
        _truth.Records[3] = _truth.Records[3] with { IsRemoved = true };
        _group.Remove("t", 0, 3);
        Deliver("a", 1, 4);
        _group.Finish("a", "t", 0, 4);
        _group.Commit("a", "t", 0, 5);
        Assert.Empty(Check());
    }

    [Fact]
    public void Record_that_is_skipped_beside_a_removed_one_is_found()
    {
        _truth.Records[3] = _truth.Records[3] with { IsRemoved = true };
        Deliver("a", 1, 5);
        Finds("P8");
    }

    [Fact]
    public void Assignment_that_begins_behind_a_record_that_is_there_is_found()
    {
        _group.Remove("t", 0, 3);
        _group.Take("b", "t", 0, 3, static _ => false);
        Deliver("b", 1, 5);
        Finds("P8");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Topic_that_is_created_anew_is_read_from_its_first_record(long offset, bool isSound)
    {
        CreateAnew();
        _group.Deliver(new Delivery("a", 1, "t", 0, offset, (int)offset + 200));
        Assert.Equal(isSound, Check().Count == 0);
    }

    [Fact]
    public void Record_that_lies_at_its_place_in_both_topics_may_be_of_either()
    {
        CreateAnew();
        _truth.Records[6] = _truth.Records[6] with { Id = 100 };
        _group.Deliver(new Delivery("a", 1, "t", 0, 0, 100));
        _group.Deliver(new Delivery("a", 1, "t", 0, 1, 201));
        Assert.Empty(Check());
    }

    [Fact]
    public void What_was_finished_of_a_topic_that_is_gone_counts_for_nothing()
    {
        _group.BeginAnew("t", hasOtherOwners: false);
        Assert.Equal(0, _group.FinishedUpTo("t", 0));
        _group.Commit("a", "t", 0, 2);
        Assert.Contains(Check(), violation => violation.Property.StartsWith("P11 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Partition_of_a_new_topic_is_its_owners_still_unless_they_are_told_by_ids(bool hasOtherOwners)
    {
        Take("a", committed: 0);
        _group.BeginAnew("t", hasOtherOwners);
        Take("b", committed: 0);
        Assert.Equal(hasOtherOwners, Check().Count == 0);
    }

    [Fact]
    public void Repeated_record_is_found()
    {
        Deliver("a", 1, 2);
        Finds("P9");
    }

    [Fact]
    public void Step_back_is_found()
    {
        Deliver("a", 1, 1);
        Finds("P9");
    }

    [Fact]
    public void New_assignment_may_begin_anywhere()
    {
        Deliver("a", 2, 1);
        Deliver("a", 2, 2);
        Assert.Empty(Check());
    }

    [Fact]
    public void Record_that_does_not_lie_there_is_found()
    {
        _group.Deliver(new Delivery("a", 1, "t", 0, 3, 999));
        Finds("P2");
    }

    [Fact]
    public void Commit_beyond_what_its_member_finished_is_found()
    {
        Deliver("b", 1, 3);
        _group.Finish("b", "t", 0, 3);
        _group.Commit("a", "t", 0, 4);
        Finds("P10");
    }

    [Fact]
    public void Commit_of_a_record_in_hand_is_found()
    {
        Deliver("a", 1, 3);
        _group.Commit("a", "t", 0, 4);
        Assert.Contains(Check(), violation => violation.Property.StartsWith("P10 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Commit_past_a_record_that_nobody_finished_is_found()
    {
        Deliver("b", 1, 4);
        _group.Finish("b", "t", 0, 4);
        _group.Commit("b", "t", 0, 5);
        Finds("P11");
    }

    [Fact]
    public void Assignment_begins_where_the_group_had_come_to()
    {
        Take("b", committed: 3);
        Deliver("b", 1, 3);
        Assert.Empty(Check());
    }

    [Theory]
    [InlineData(2, "P9")]
    [InlineData(4, "P8")]
    public void Assignment_that_begins_elsewhere_is_found(long offset, string property)
    {
        Take("b", committed: 3);
        Deliver("b", 1, offset);
        Finds(property);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, true)]
    [InlineData(4, false)]
    [InlineData(1, false)]
    public void Owner_that_was_replaced_unknowingly_begins_where_the_group_has_come_to_since(long offset, bool isSound)
    {
        Take("b", committed: 2);
        _group.Commit("a", "t", 0, 3);
        Deliver("b", 1, offset);
        Assert.Equal(isSound, Check().Count == 0);
    }

    [Fact]
    public void Own_commit_is_not_where_the_group_has_come_to_since()
    {
        _group.Commit("a", "t", 0, 3);
        Take("b", committed: 2);
        _group.Commit("b", "t", 0, 3);
        Deliver("b", 1, 3);
        Finds("P8");
    }

    [Fact]
    public void Partition_of_two_members_is_found()
    {
        Take("a", committed: 0);
        Take("b", committed: 0);
        Finds("P12");
    }

    [Fact]
    public void Partition_of_a_member_that_the_coordinator_has_expelled_may_be_taken()
    {
        Take("a", committed: 0);
        Take("b", committed: 0, isCounted: static member => member == "b");
        Assert.Empty(Check());
    }

    [Fact]
    public void Partition_that_was_given_up_may_be_taken()
    {
        Take("a", committed: 0);
        _group.GiveUp("a", "t", 0);
        Take("b", committed: 0);
        Assert.Empty(Check());
    }

    [Fact]
    public void Commit_of_what_was_committed_already_is_no_lie()
    {
        _group.Commit("a", "t", 0, 3);
        _group.Commit("b", "t", 0, 3);
        Assert.Empty(Check());
    }

    [Fact]
    public void Record_that_was_finished_and_not_committed_in_the_end_is_found()
    {
        Finish("b", 3);
        _group.CheckCommitted("t", 0, 3);
        Finds("P11");
    }

    [Fact]
    public void Commits_that_came_late_or_were_taken_back_or_of_former_owners_are_no_lie()
    {
        Finish("b", 3);
        _group.CheckCommitted("t", 0, 4);
        _group.CommitTooLate("t", 0, 4);
        _group.CheckCommitted("t", 0, 3);
        Take("c", committed: 3);
        _group.CheckCommitted("t", 0, 3);
        Finish("c", 4);
        _group.Commit("c", "t", 0, 5);
        _group.TakeBack("t", 0, 3);
        _group.CheckCommitted("t", 0, 3);
        Assert.Empty(_violations.Kept);
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public void Commit_of_the_newest_owner_may_fail_while_there_are_faults_if_it_was_asked_for(bool isHealed, bool isAsked, bool isSound)
    {
        _group.IsHealed = isHealed;
        Take("b", committed: 3);
        _group.Deliver(new Delivery("b", 1, "t", 0, 3, 103));
        _group.Finish("b", "t", 0, 3);
        if (isAsked)
            _group.Commit("b", "t", 0, 4);
        _group.GiveUp("b", "t", 0);
        _group.CheckCommitted("t", 0, 3);
        Assert.Equal(isSound, _violations.Kept.Count == 0);
    }

    /// <summary>Another topic of the same name follows, with three records.</summary>
    void CreateAnew()
    {
        for (var i = 0; i < 6; i++)
            _truth.Records[i] = _truth.Records[i] with { IsRemoved = true };
        for (var offset = 0; offset < 3; offset++)
            _truth.Records.Add(new LoggedRecord(offset + 200, "t", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, offset, 0, null, [], 0));
    }

    /// <summary>A member is given what the group has come to, and finishes it.</summary>
    void Finish(string member, long offset)
    {
        Take(member, committed: offset);
        _group.Deliver(new Delivery(member, 1, "t", 0, offset, (int)offset + 100));
        for (var before = 0; before <= offset; before++)
            _group.Finish(member, "t", 0, before);
        _group.GiveUp("b", "t", 0);
    }

    void Deliver(string member, int turn, long offset) => _group.Deliver(new Delivery(member, turn, "t", 0, offset, (int)offset + 100));

    void Take(string member, long committed, Func<string, bool>? isCounted = null) =>
        _group.Take(member, "t", 0, committed, isCounted ?? (static _ => true));

    IReadOnlyList<Violation> Check()
    {
        ConsumeChecker.Check(_group, _truth, _violations);
        return _violations.Kept;
    }

    void Finds(string property)
    {
        var violation = Assert.Single(Check());
        Assert.StartsWith(property + " ", violation.Property);
    }
}
