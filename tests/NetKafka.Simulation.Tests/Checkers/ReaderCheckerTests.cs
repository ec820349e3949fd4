using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of readers without a group finds what it is for: a sound run with one thing planted.</summary>
public sealed class ReaderCheckerTests
{
    const int AbortedOffset = 2;
    const int Count = 6;

    readonly ReaderHistory _reader = new("r");
    readonly LogTruth _truth = new();
    readonly Losses _losses = new();

    public ReaderCheckerTests()
    {
        for (var offset = 0; offset < Count; offset++)
            _truth.Records.Add(new LoggedRecord(offset + 100, "t", Guid.Empty, 0, offset, 0, null, [], 0, IsAborted: offset == AbortedOffset));
        _reader.Begin(0, 0, 0);
    }

    [Fact]
    public void Sound_run_has_no_violations()
    {
        Deliver(0, 1, 3, 4);
        _reader.Begin(0, 2, 0);
        Deliver(3, 4, 5);
        Assert.Empty(Check());
    }

    [Fact]
    public void Reader_of_everything_is_given_what_was_aborted()
    {
        Deliver(0, 1, 2, 3, 4, 5);
        Assert.Empty(Check(isCommitted: false));
    }

    [Fact]
    public void Record_that_was_removed_may_come_and_may_not()
    {
        _truth.Records[3] = _truth.Records[3] with { IsRemoved = true };
        Deliver(0, 1, 3, 4);
        _reader.Begin(0, 0, 0);
        Deliver(0, 1, 4, 5);
        Assert.Empty(Check());
    }

    [Fact]
    public void Reader_goes_back_where_a_leader_has_lost_what_it_was_given()
    {
        _losses.Cut("t", 0, 4, 0);
        _losses.Records.Add(_truth.Records[4] with { Id = 7 });
        Deliver(0, 1, 3);
        _reader.Deliver("t", 0, 4, 7, 1);
        Deliver(4, 5);
        Assert.Empty(Check());
    }

    [Fact]
    public void Record_whose_transaction_may_have_lost_its_end_need_not_come()
    {
        _truth.Records[3] = _truth.Records[3] with { IsTransactional = true };
        _losses.Cut("t", 0, 4, 0);
        Deliver(0, 1, 4, 5);
        Assert.Empty(Check());
    }

    [Fact]
    public void Reader_that_goes_on_behind_what_was_lost_is_found()
    {
        _losses.Cut("t", 0, 4, 0);
        _losses.Records.Add(_truth.Records[4] with { Id = 7 });
        Deliver(0, 1, 3);
        _reader.Deliver("t", 0, 4, 7, 1);
        Deliver(5);
        Finds("P13");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Records_below_where_it_was_told_to_begin_before_the_cut_need_not_come_unless_it_had_read_since(bool hasRead)
    {
        _losses.Records.Add(_truth.Records[4] with { Id = 7 });
        _losses.Cut("t", 0, 3, 20);
        Deliver(0, 1);
        _reader.Begin(0, 4, 10);
        if (hasRead)
            _reader.Deliver("t", 0, 4, 7, 15);
        _reader.Deliver("t", 0, 4, 104, 30);
        Deliver(5);
        if (hasRead)
            Finds("P13");
        else
            Assert.Empty(Check());
    }

    [Fact]
    public void Record_that_was_aborted_is_found()
    {
        Deliver(0, 1, 2, 3, 4, 5);
        Finds("P14");
    }

    [Fact]
    public void Committed_record_that_is_left_out_is_found()
    {
        Deliver(0, 1, 4, 5);
        Assert.Equal(["P15", "P13"], Check().Select(static violation => violation.Property.Split(' ')[0]));
    }

    [Fact]
    public void Record_that_comes_again_is_found()
    {
        Deliver(0, 1, 1, 3, 4, 5);
        Finds("P9");
    }

    [Fact]
    public void Seek_that_ends_elsewhere_is_found()
    {
        Deliver(0, 1);
        _reader.Begin(0, 0, 0);
        Deliver(1, 3, 4, 5);
        Finds("P15");
    }

    [Fact]
    public void Record_that_does_not_lie_there_is_found()
    {
        Deliver(0, 1, 3, 4, 5);
        _reader.Deliver("t", 0, 7, 7, 1);
        Finds("P2");
    }

    [Fact]
    public void Reader_that_does_not_come_to_the_end_is_found()
    {
        Deliver(0, 1, 3, 4);
        Finds("P13");
    }

    void Deliver(params int[] offsets)
    {
        foreach (var offset in offsets)
            _reader.Deliver("t", 0, offset, offset + 100, 1);
    }

    IReadOnlyList<Violation> Check(bool isCommitted = true)
    {
        var violations = new Violations();
        new ReaderChecker(_reader, _truth, _losses, isCommitted, violations).Check();
        return violations.Kept;
    }

    void Finds(string property)
    {
        var violation = Assert.Single(Check());
        Assert.StartsWith(property + " ", violation.Property);
    }
}
