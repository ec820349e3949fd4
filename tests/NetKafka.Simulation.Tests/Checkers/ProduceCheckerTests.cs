using NetKafka.Protocol.Hashing;
using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Each checker finds what it is for: a sound run with one thing planted.</summary>
public sealed class ProduceCheckerTests
{
    const long EndTicks = 1_000;

    readonly History _history = new();
    readonly LogTruth _truth = new();

    public ProduceCheckerTests()
    {
        for (var i = 0; i < 3; i++)
        {
            var sent = Send();
            sent.Acknowledge(0, i, 10);
            Log(sent, i);
        }
    }

    [Fact]
    public void Sound_run_has_no_violations() => Assert.Empty(Check());

    [Fact]
    public void Lost_ack_is_found()
    {
        _truth.Records.RemoveAt(1);
        Finds("P1");
    }

    [Fact]
    public void Record_that_nobody_sent_is_found()
    {
        _truth.Records.Add(_truth.Records[0] with { Id = 17, Offset = 3 });
        Finds("P2");
    }

    [Fact]
    public void Record_in_another_topic_is_found()
    {
        _truth.Records[1] = _truth.Records[1] with { Topic = "other" };
        Finds("P2");
    }

    [Fact]
    public void Record_in_another_partition_than_asked_for_is_found()
    {
        var sent = Send();
        sent.Acknowledge(1, 3, 10);
        Log(sent, 3);
        _truth.Records[3] = _truth.Records[3] with { Partition = 1 };
        Finds("P2");
    }

    [Fact]
    public void Key_in_another_partition_than_Javas_is_found()
    {
        _truth.PartitionCounts["topic"] = 3;
        var sent = Send(partition: -1);
        var partition = JavaPartition.Of(sent.KeyBytes(), 3);
        sent.Acknowledge(partition, 3, 10);
        Log(sent, 3);
        _truth.Records[3] = _truth.Records[3] with { Partition = partition };
        Assert.Empty(Check());
        _truth.PartitionCounts["topic"] = Enumerable.Range(4, 20).First(count => JavaPartition.Of(sent.KeyBytes(), count) != partition);
        Finds("P2");
    }

    [Fact]
    public void Java_partition_is_the_one_that_the_client_computes()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var key = new byte[random.Next(40)];
            random.NextBytes(key);
            var partitions = 1 + random.Next(100);
            Assert.Equal(Murmur2.Partition(key, partitions), JavaPartition.Of(key, partitions));
        }
    }

    [Fact]
    public void Changed_value_is_found()
    {
        var value = _truth.Records[1].Value!;
        value[^1] ^= 1;
        Finds("P2");
    }

    [Fact]
    public void Changed_key_is_found()
    {
        _truth.Records[1] = _truth.Records[1] with { Key = [0, 0, 0, 9] };
        Finds("P2");
    }

    [Fact]
    public void Changed_timestamp_is_found()
    {
        _truth.Records[1] = _truth.Records[1] with { TimestampMs = 1 };
        Finds("P2");
    }

    [Fact]
    public void Lost_header_is_found()
    {
        _truth.Records[1] = _truth.Records[1] with { HeaderCount = 1 };
        Finds("P2");
    }

    [Fact]
    public void Batch_that_cannot_be_read_is_found()
    {
        _truth.Damage.Add("a batch");
        Finds("P2");
    }

    [Fact]
    public void Record_that_failed_and_is_there_is_found()
    {
        var sent = Send();
        sent.End(SendOutcome.NotWritten, 10);
        Log(sent, 3);
        Finds("P3");
    }

    [Fact]
    public void Record_of_unknown_fate_may_be_there_or_not()
    {
        Send().End(SendOutcome.Unknown, 10);
        var there = Send();
        there.End(SendOutcome.Unknown, 10);
        Log(there, 3);
        Assert.Empty(Check());
    }

    [Fact]
    public void Double_record_is_found()
    {
        _truth.Records.Add(_truth.Records[2] with { Offset = 3 });
        Finds("P4");
    }

    [Fact]
    public void Double_record_of_unknown_fate_is_found()
    {
        var sent = Send();
        sent.End(SendOutcome.Unknown, 10);
        Log(sent, 3);
        Log(sent, 4);
        Finds("P4");
    }

    [Fact]
    public void Changed_order_is_found()
    {
        var (first, second) = (Send(), Send());
        Log(second, 3);
        Log(first, 4);
        first.Acknowledge(0, 4, 10);
        second.Acknowledge(0, 3, 10);
        Finds("P5");
    }

    [Fact]
    public void Wrong_offset_of_an_ack_is_found()
    {
        var sent = Send();
        Log(sent, 3);
        sent.Acknowledge(0, 4, 10);
        Finds("P6");
    }

    [Fact]
    public void Wrong_partition_of_an_ack_is_found()
    {
        var sent = Send();
        Log(sent, 3);
        sent.Acknowledge(1, 3, 10);
        Finds("P6");
    }

    [Fact]
    public void Ack_without_an_offset_is_no_lie()
    {
        var sent = Send();
        Log(sent, 3);
        sent.Acknowledge(0, -1, 10);
        Assert.Empty(Check());
    }

    [Fact]
    public void Call_without_end_is_found()
    {
        Send();
        Finds("P21");
    }

    [Fact]
    public void Call_that_ends_too_late_is_found()
    {
        Send().End(SendOutcome.NotWritten, EndTicks + 1);
        Finds("P21");
    }

    [Fact]
    public void Second_outcome_is_found()
    {
        var sent = Send();
        sent.End(SendOutcome.NotWritten, 10);
        sent.End(SendOutcome.NotWritten, 11);
        Finds("P24");
    }

    [Fact]
    public void Callbacks_that_are_told_out_of_order_are_found()
    {
        foreach (var index in new[] { 0, 2, 1 })
            _history.Report(_history.Sent[index]);
        Finds("P24");
    }

    [Fact]
    public void Callbacks_that_are_told_in_order_with_gaps_are_sound()
    {
        foreach (var index in new[] { 0, 2 })
            _history.Report(_history.Sent[index]);
        Assert.Empty(Check());
    }

    [Fact]
    public void Record_that_fails_in_a_healthy_cluster_is_found()
    {
        Send(mustSucceed: true).End(SendOutcome.Unknown, 10);
        Finds("P21");
    }

    SentRecord Send(bool mustSucceed = false, int partition = 0) => _history.Add(new SentRecord
    {
        Id = _history.NextId,
        Producer = 0,
        Topic = "topic",
        Partition = partition,
        Key = 5,
        ValueBytes = 20,
        TimestampMs = 77,
        MustSucceed = mustSucceed,
        InvokedTicks = 0,
        LatestEndTicks = EndTicks,
    });

    void Log(SentRecord sent, long offset) => _truth.Records.Add(
        new LoggedRecord(sent.Id, sent.Topic, Guid.Empty, 0, offset, sent.TimestampMs, sent.KeyBytes(), sent.ValueOf(), 0));

    IReadOnlyList<Violation> Check()
    {
        var violations = new Violations();
        ProduceChecker.Check(_history, _truth, EndTicks, violations);
        return violations.Kept;
    }

    void Finds(string property)
    {
        var violation = Assert.Single(Check());
        Assert.StartsWith(property + " ", violation.Property);
    }
}
