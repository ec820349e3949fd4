using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checker of circles finds them, and nothing else.</summary>
public sealed class CycleCheckerTests
{
    readonly TransactionHistory _history = new();
    readonly Violations _violations = new();

    [Fact]
    public void Transactions_that_read_what_came_before_them_are_sound()
    {
        var (first, second, third) = (Make(), Make(), Make());
        Read(second, first);
        Read(third, first);
        Read(third, second);
        Read(third, second);
        third.Reads.Add(99);
        Assert.Empty(Check());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(50)]
    public void Circle_is_found(int length)
    {
        SentTransaction[] circle = [.. Enumerable.Range(0, length).Select(_ => Make())];
        for (var i = 0; i < length; i++)
            Read(circle[i], circle[(i + 1) % length]);
        Assert.Equal("P23 no circles", Assert.Single(Check()).Property);
    }

    [Fact]
    public void Circle_behind_transactions_that_are_in_none_is_found()
    {
        var (outside, first, second) = (Make(), Make(), Make());
        Read(outside, first);
        Read(first, second);
        Read(second, first);
        Assert.Contains($"{first}, which had read of {second}, which had read of {first}", Assert.Single(Check()).What);
    }

    SentTransaction Make()
    {
        var transaction = _history.Begin("txn", 0);
        transaction.Records.Add(new SentRecord
        {
            Id = transaction.Id, Producer = 0, Topic = "t", Partition = 0, Key = null, ValueBytes = SentRecord.SmallestValue, TimestampMs = 0,
            InvokedTicks = 0, LatestEndTicks = 0,
        });
        return transaction;
    }

    static void Read(SentTransaction reader, SentTransaction writer) => reader.Reads.Add(writer.Records[0].Id);

    IReadOnlyList<Violation> Check()
    {
        CycleChecker.Check(_history, _violations);
        return _violations.Kept;
    }
}
