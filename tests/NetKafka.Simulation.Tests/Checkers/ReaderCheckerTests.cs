using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of readers without a group finds what it is for: a sound run with one thing planted.</summary>
public sealed class ReaderCheckerTests
{
    const int AbortedOffset = 2;
    const int Count = 6;

    readonly ReaderHistory _reader = new("r");
    readonly LogTruth _truth = new();

    public ReaderCheckerTests()
    {
        for (var offset = 0; offset < Count; offset++)
            _truth.Records.Add(new LoggedRecord(offset + 100, "t", 0, offset, 0, null, [], 0, IsAborted: offset == AbortedOffset));
        _reader.Begin(0, 0);
    }

    [Fact]
    public void Sound_run_has_no_violations()
    {
        Deliver(0, 1, 3, 4);
        _reader.Begin(0, 2);
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
    public void Record_that_was_aborted_is_found()
    {
        Deliver(0, 1, 2, 3, 4, 5);
        Finds("P14");
    }

    [Fact]
    public void Committed_record_that_is_left_out_is_found()
    {
        Deliver(0, 1, 4, 5);
        Finds("P15");
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
        _reader.Begin(0, 0);
        Deliver(1, 3, 4, 5);
        Finds("P15");
    }

    [Fact]
    public void Record_that_does_not_lie_there_is_found()
    {
        Deliver(0, 1, 3, 4, 5);
        _reader.Deliver("t", 0, 7, 7);
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
            _reader.Deliver("t", 0, offset, offset + 100);
    }

    IReadOnlyList<Violation> Check(bool isCommitted = true)
    {
        var violations = new Violations();
        ReaderChecker.Check(_reader, _truth, isCommitted, violations);
        return violations.Kept;
    }

    void Finds(string property)
    {
        var violation = Assert.Single(Check());
        Assert.StartsWith(property + " ", violation.Property);
    }
}
