using System.Text;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Hashing;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <summary>Where records go that name no partition. Brokers 1 to 3 lead the partitions in turn.</summary>
public sealed class PartitionChoiceTests
{
    const int Record = 100;

    [Theory]
    [InlineData(Partitioner.Murmur2)]
    [InlineData(Partitioner.Crc32)]
    [InlineData(Partitioner.Fnv1a)]
    public void Keys_go_by_the_hash_that_is_set(Partitioner partitioner)
    {
        var bench = Bench(new ProducerOptions { Partitioner = partitioner }, partitions: 7);
        foreach (var key in new[] { "Alice", "Bob", "東京", "x" })
        {
            Append(bench, key);
            Assert.Equal(Hash(partitioner, key, 7), bench.Drain().Single().Partition);
        }
    }

    [Theory]
    [InlineData(Partitioner.Murmur2, null, true)]
    [InlineData(Partitioner.Murmur2, "", false)]
    [InlineData(Partitioner.Crc32, null, true)]
    [InlineData(Partitioner.Crc32, "", true)]
    [InlineData(Partitioner.Fnv1a, null, true)]
    [InlineData(Partitioner.Fnv1a, "", false)]
    public void Missing_keys_are_spread_or_go_where_the_empty_key_goes(Partitioner partitioner, string? key, bool isSpread)
    {
        var spread = Partitions(Bench(new ProducerOptions { Partitioner = partitioner, BatchSize = Record }, 7), key, 200);
        Assert.Equal(isSpread ? 7 : 1, spread.Distinct().Count());
        var hashed = Partitions(Bench(new ProducerOptions { Partitioner = partitioner, BatchSize = Record, HashMissingKeys = true }, 7), key, 200);
        Assert.Equal([Hash(partitioner, "", 7)], hashed.Distinct());
    }

    [Fact]
    public void Keys_that_are_ignored_are_spread_in_whole_batches()
    {
        var partitions = Partitions(Bench(new ProducerOptions { IgnoreKeys = true, BatchSize = 10 * Record }, 4), "key", 400);
        Assert.Equal([0, 1, 2, 3], partitions.Distinct().Order());
        for (var i = 0; i < 400; i += 10)
            Assert.Single(partitions.Skip(i).Take(10).Distinct());
    }

    [Fact]
    public void Partitions_with_a_leader_take_turns()
    {
        var bench = Bench(new ProducerOptions { Partitioner = Partitioner.RoundRobin }, 4);
        bench.Show("t", 4, partition => partition == 2 ? -1 : 1);
        bench.Turn();
        Assert.Equal([0, 1, 3, 0, 1, 3, 0], Partitions(bench, "key", 7));
        Assert.Equal([1, 3, 0], Partitions(bench, null, 3));
    }

    [Fact]
    public void Record_that_finds_no_room_takes_no_turn()
    {
        var bench = Bench(new ProducerOptions { Partitioner = Partitioner.RoundRobin, BatchSize = 1024, BufferMemory = 1024 }, 3);
        Append(bench, null);
        Assert.Equal(AppendResult.NoRoom, bench.TryAppend("t", "x", out _, partition: -1));
        Assert.Equal(AppendResult.NoRoom, bench.TryAppend("t", "x", out _, partition: -1));
        Assert.Equal(0, bench.Drain().Single().Partition);
        Assert.Equal([1, 2, 0], Partitions(bench, null, 3));
    }

    [Fact]
    public void Selector_chooses_for_every_record_and_sees_all_of_it()
    {
        var seen = new List<string>();
        var bench = Bench(new ProducerOptions
        {
            PartitionSelector = (in PartitionQuery record) =>
            {
                seen.Add($"{record.Topic} {record.IsKeyNull} {Encoding.UTF8.GetString(record.Key)} {record.Value.Length} {record.Headers.Length} "
                    + $"{record.PartitionCount} {record.Available.Length}");
                return record.IsKeyNull ? 4 : 2;
            },
        }, 5);
        bench.Show("t", 5, partition => partition == 3 ? -1 : 1);
        bench.Turn();
        Assert.Equal([4], Partitions(bench, null, 1));
        Assert.Equal([2], Partitions(bench, "key", 1));
        Assert.Equal([$"t True  {Record} 0 5 4", $"t False key {Record} 0 5 4"], seen);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void Selector_that_chooses_what_is_not_there_fails_the_record(int partition)
    {
        var bench = Bench(new ProducerOptions { PartitionSelector = (in PartitionQuery _) => partition }, 5);
        var error = Assert.Throws<ProduceException>(() => bench.TryAppend("t", "x", out _, partition: -1));
        Assert.Contains("PartitionSelector", error.Message);
        Assert.Equal(RecordFate.NotWritten, error.Fate);
        Assert.Equal(AppendResult.Appended, bench.TryAppend("t", "x", out _, partition: 3));
        bench.Turn();
        bench.Drain();
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Equal_partitions_get_equal_shares()
    {
        var partitions = Partitions(Bench(new ProducerOptions { BatchSize = Record }, 3), null, 30_000);
        foreach (var share in partitions.CountBy(partition => partition))
            Assert.InRange(share.Value, 9_500, 10_500);
    }

    /// <summary>Broker 1 answers one request while the others answer three.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Partition_of_a_slow_broker_gets_fewer_records_unless_that_is_turned_off(bool isAdaptive)
    {
        var bench = Bench(new ProducerOptions { BatchSize = Record, AdaptivePartitioning = isAdaptive, BufferTime = Timeout.InfiniteTimeSpan }, 3);
        var counts = new int[3];
        for (var i = 0; i < 1_500; i++)
        {
            Append(bench, null);
            Append(bench, null);
            if (i % 3 == 0)
                AnswerOldest(bench, counts, node => true);
            else
                AnswerOldest(bench, counts, node => node != 1);
        }
        foreach (var batch in bench.Drain())
            counts[batch.Partition]++;
        Assert.Equal(3_000, counts.Sum());
        if (isAdaptive)
            Assert.True(counts[0] < 0.7 * Math.Min(counts[1], counts[2]), string.Join(", ", counts));
        else
            Assert.InRange(counts[0], 900, 1_100);
    }

    [Fact]
    public void Silent_broker_gets_none_of_what_is_spread_until_it_answers()
    {
        var bench = Bench(new ProducerOptions { BatchSize = Record, PartitionAvailabilityTimeout = TimeSpan.FromSeconds(2) }, 3);
        Append(bench, null, partition: 0);
        var silent = bench.Take();
        bench.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([1, 2], Partitions(bench, null, 100).Distinct().Order());

        silent.Answer(bench.Now);
        bench.Turn();
        Assert.Equal([0, 1, 2], Partitions(bench, null, 100).Distinct().Order());
    }

    [Fact]
    public void Where_all_brokers_are_silent_records_are_spread_all_the_same()
    {
        var bench = Bench(new ProducerOptions { BatchSize = Record, PartitionAvailabilityTimeout = TimeSpan.FromSeconds(2) }, 3);
        for (var partition = 0; partition < 3; partition++)
            Append(bench, null, partition);
        bench.Advance(TimeSpan.FromSeconds(3));
        for (var i = 0; i < 30; i++)
            Append(bench, null);
        Assert.Equal([0, 1, 2], bench.Drain().Skip(3).Select(batch => batch.Partition).Distinct().Order());
    }

    [Fact]
    public void What_is_spread_stays_in_the_rack_as_long_as_a_leader_is_there()
    {
        var bench = Bench(new ProducerOptions { BatchSize = Record, RackAwarePartitioning = true }, 6, "b", "a", "b", "b");
        Assert.Equal([1, 2, 4, 5], Partitions(bench, null, 200).Distinct().Order());
        Assert.Equal([Murmur2.Partition("Alice"u8, 6)], Partitions(bench, "Alice", 1));

        bench.Racks = ["a", "a", "b"];
        bench.Show("t", 6);
        bench.Turn();
        Assert.Equal([2, 5], Partitions(bench, null, 200).Skip(1).Distinct().Order());

        bench.Show("t", 6, partition => partition % 3 == 2 ? -1 : 1);
        bench.Turn();
        Assert.Equal([0, 1, 3, 4], Partitions(bench, null, 200).Skip(1).Distinct().Order());
    }

    static ProducerBench Bench(ProducerOptions options, int partitions, string? rack = null, params string?[] racks)
    {
        options.Linger = TimeSpan.Zero;
        var bench = new ProducerBench(options, rack);
        if (racks.Length > 0)
            bench.Racks = racks;
        return bench.WithTopic("t", partitions).WithId();
    }

    static void Append(ProducerBench bench, string? key, int partition = -1)
    {
        bench.Append("t", new string('x', Record), partition, key);
        bench.Turn();
    }

    /// <summary>The partitions of so many records, each delivered before the next is sent.</summary>
    static List<int> Partitions(ProducerBench bench, string? key, int count)
    {
        var partitions = new List<int>();
        for (var i = 0; i < count; i++)
        {
            Append(bench, key);
            partitions.AddRange(bench.Drain().Select(batch => batch.Partition));
        }
        return partitions;
    }

    /// <summary>Each broker that may answers its oldest request.</summary>
    static void AnswerOldest(ProducerBench bench, int[] counts, Func<int, bool> mayAnswer)
    {
        for (var node = 1; node <= 3; node++)
        {
            if (!mayAnswer(node) || bench.TakeOf(node) is not { } request)
                continue;
            foreach (var batch in request.Batches)
                counts[batch.Partition]++;
            request.Answer(bench.Now);
            bench.Turn();
        }
    }

    static int Hash(Partitioner partitioner, string key, int count)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        return partitioner switch
        {
            Partitioner.Crc32 => KeyCrc32.Partition(bytes, count),
            Partitioner.Fnv1a => Fnv1a.Partition(bytes, count),
            _ => Murmur2.Partition(bytes, count),
        };
    }
}
