using NetKafka.Producing;

namespace NetKafka.Tests.Producing;

/// <summary>What a thousand partitions cost beside one, counted in operations and not in time.</summary>
public sealed class ManyPartitionsTests
{
    const int Milliseconds = 2000;

    static readonly string Value = new('x', 100);

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(200)]
    public void Thousand_partitions_take_no_more_requests_batches_and_turns_than_one(int recordsOfMillisecond)
    {
        var one = Count(1, recordsOfMillisecond);
        var thousand = Count(1000, recordsOfMillisecond);

        Assert.Equal(one.Records, thousand.Records);
        Assert.InRange(thousand.Requests, 1, 1.2 * one.Requests + 5);
        Assert.InRange(thousand.Deadlines, 0, 1.2 * one.Deadlines + 5);
        // A batch is begun elsewhere when the last one is full, so that one more of them is left open at each linger.
        Assert.InRange(thousand.Batches, 1, 1.5 * one.Batches + 5);
    }

    /// <summary>A record for each partition in turn: no batch has two, so only requests can be shared.</summary>
    [Fact]
    public void Partitions_with_few_records_share_requests_within_a_linger()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(8) }).WithTopic("t", 1000, static _ => 1).WithId();
        var counts = new Counts();
        for (var i = 0; i < 1000; i++)
        {
            bench.Append("t", Value, i);
            bench.Turn();
            Answer(bench, ref counts);
            bench.Advance(TimeSpan.FromMilliseconds(0.1));
            Answer(bench, ref counts);
        }
        bench.Advance(bench.Options.Linger);
        Answer(bench, ref counts);

        // A hundred milliseconds are 12.5 lingers.
        Assert.Equal(1000, counts.Records);
        Assert.InRange(counts.Requests, 1, 26);
    }

    [Fact]
    public void Batch_waits_for_half_of_the_linger_at_least_and_all_of_it_at_most()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(8) }).WithTopic("t", 3, static _ => 1).WithId();
        var start = bench.Now;
        bench.Send("t", "first", 0);
        bench.Advance(TimeSpan.FromMilliseconds(3));
        bench.Send("t", "older than half", 1);
        bench.Advance(TimeSpan.FromMilliseconds(3));
        bench.Send("t", "younger than half", 2);
        Assert.Equal((0, start + TimeSpan.FromMilliseconds(8)), (bench.WaitingRequests, bench.NextDeadline));

        bench.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(["first", "older than half"], bench.Take().Batches.SelectMany(batch => batch.Values));
        Assert.Equal((0, start + TimeSpan.FromMilliseconds(14)), (bench.WaitingRequests, bench.NextDeadline));
        bench.Advance(TimeSpan.FromMilliseconds(6));
        Assert.Equal(["younger than half"], bench.Take().Only.Values);
    }

    static Counts Count(int partitions, int recordsOfMillisecond)
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) }).WithTopic("t", partitions, static _ => 1).WithId();
        var counts = new Counts();
        for (var i = 0; i < Milliseconds; i++)
        {
            for (var k = 0; k < recordsOfMillisecond; k++)
                bench.TryAppend("t", Value, out _, partition: -1);
            bench.Turn();
            Answer(bench, ref counts);
            var next = bench.Now + TimeSpan.FromMilliseconds(1);
            // The turns that a timer would bring.
            while (bench.NextDeadline < next)
            {
                counts.Deadlines++;
                bench.Now = bench.NextDeadline;
                bench.Turn();
                Answer(bench, ref counts);
            }
            bench.Now = next;
        }
        bench.Advance(bench.Options.Linger);
        Answer(bench, ref counts);
        return counts;
    }

    static void Answer(ProducerBench bench, ref Counts counts)
    {
        while (bench.WaitingRequests > 0)
        {
            var request = bench.Take();
            counts.Requests++;
            counts.Batches += request.Batches.Count();
            counts.Records += request.Batches.Sum(batch => batch.Values.Length);
            request.Answer(bench.Now);
            bench.Turn();
        }
    }

    struct Counts
    {
        public int Requests;
        public int Batches;
        public int Records;
        public int Deadlines;
    }
}
