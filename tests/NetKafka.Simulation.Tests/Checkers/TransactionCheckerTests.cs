using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of transactions finds what it is for: a sound run with one thing planted.</summary>
public sealed class TransactionCheckerTests
{
    readonly TransactionHistory _history = new();
    readonly HashSet<int> _visible = [];
    readonly Violations _violations = new();
    int _records;

    [Fact]
    public void Sound_run_has_no_violations()
    {
        Show(Make(TransactionOutcome.Committed));
        Make(TransactionOutcome.Aborted);
        Show(Make(TransactionOutcome.Unknown));
        Make(TransactionOutcome.Unknown);
        Show(Make(TransactionOutcome.Open));
        Assert.Empty(Check());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Torn_transaction_is_found_whatever_was_told_of_it(int outcome)
    {
        var torn = Make((TransactionOutcome)outcome);
        _visible.Add(torn.Records[1].Id);
        Finds("P16");
    }

    [Fact]
    public void Committed_transaction_that_does_not_show_is_found()
    {
        Make(TransactionOutcome.Committed);
        Finds("P17");
    }

    [Fact]
    public void Aborted_transaction_that_shows_is_found()
    {
        Show(Make(TransactionOutcome.Aborted));
        Finds("P17");
    }

    [Fact]
    public void Record_of_an_older_producer_that_comes_to_show_after_the_newer_has_begun_is_found()
    {
        var late = Make(TransactionOutcome.Unknown, count: 1);
        _history.TakeOver("txn", 1, new HashSet<int>());
        Show(late);
        Finds("P19");
    }

    [Fact]
    public void What_showed_before_the_newer_producer_had_begun_and_what_that_one_writes_is_sound()
    {
        var early = Make(TransactionOutcome.Unknown);
        Show(early);
        _history.TakeOver("txn", 1, early.Records.Select(static record => record.Id).ToHashSet());
        Show(Make(TransactionOutcome.Committed, producer: 1));
        Show(Make(TransactionOutcome.Committed, name: "other"));
        Assert.Empty(Check());
    }

    SentTransaction Make(TransactionOutcome outcome, int count = 3, int producer = 0, string name = "txn")
    {
        var transaction = _history.Begin(name, producer);
        transaction.Outcome = outcome;
        for (var i = 0; i < count; i++)
        {
            transaction.Records.Add(new SentRecord
            {
                Id = _records++, Producer = producer, Topic = "t", Partition = 0, Key = null, ValueBytes = SentRecord.SmallestValue, TimestampMs = 0,
                InvokedTicks = 0, LatestEndTicks = 0,
            });
        }
        return transaction;
    }

    void Show(SentTransaction transaction) => _visible.UnionWith(transaction.Records.Select(static record => record.Id));

    IReadOnlyList<Violation> Check()
    {
        TransactionChecker.Check(_history, _visible, _violations);
        return _violations.Kept;
    }

    void Finds(string property) => Assert.StartsWith(property + " ", Assert.Single(Check()).Property);
}
