namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of copies finds what it is for: a sound run with one thing planted.</summary>
public sealed class CopyCheckerTests
{
    const int Count = 4;
    const int AbortedId = 102;

    readonly CopyChecker _checker = new("in", "out");
    readonly LogTruth _truth = new();
    readonly Violations _violations = new();
    long _committed = Count;

    public CopyCheckerTests()
    {
        for (var offset = 0; offset < Count; offset++)
            _truth.Records.Add(Record("in", offset, 100 + offset, isAborted: 100 + offset == AbortedId));
        foreach (var id in new[] { 100, 101, 103 })
            _truth.Records.Add(Record("out", id, id));
        // A copy whose transaction was aborted.
        _truth.Records.Add(Record("out", 50, 100, isAborted: true));
    }

    [Fact]
    public void Sound_run_has_no_violations()
    {
        Assert.Empty(Check());
        Assert.True(_checker.IsComplete(_truth, Shows));
    }

    [Fact]
    public void Record_that_was_not_copied_is_found()
    {
        _truth.Records.RemoveAll(static record => record is { Topic: "out", Id: 101 });
        Assert.False(_checker.IsComplete(_truth, Shows));
        Finds("P18 exactly once");
    }

    [Fact]
    public void Record_that_was_copied_twice_is_found()
    {
        _truth.Records.Add(Record("out", 60, 101));
        Finds("P18 exactly once");
    }

    [Fact]
    public void Copy_of_an_aborted_record_is_found()
    {
        _truth.Records.Add(Record("out", 60, AbortedId));
        Finds("P18 exactly once");
    }

    [Fact]
    public void Copy_with_other_bytes_is_found()
    {
        _truth.Records.RemoveAll(static record => record is { Topic: "out", Id: 101 });
        _truth.Records.Add(Record("out", 60, 101) with { Value = [1, 2, 3] });
        Finds("P18 exactly once");
    }

    [Fact]
    public void Copy_whose_offset_was_not_committed_is_found()
    {
        _committed = Count - 1;
        Finds("P18 offsets go with the records");
    }

    static LoggedRecord Record(string topic, long offset, int id, bool isAborted = false) =>
        new(id, topic, Guid.Empty, 0, offset, 0, null, BitConverter.GetBytes(id), 0, isAborted, IsTransactional: true);

    static bool Shows(LoggedRecord record) => !record.IsAborted;

    IReadOnlyList<Violation> Check()
    {
        _checker.Check(_truth, Shows, _ => _committed, _violations);
        return _violations.Kept;
    }

    void Finds(string property) => Assert.Equal(property, Assert.Single(Check()).Property);
}
