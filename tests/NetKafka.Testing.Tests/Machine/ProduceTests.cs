using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class ProduceTests
{
    readonly MachineDriver driver = new();
    readonly int connection;

    public ProduceTests()
    {
        driver.CreateTopic("payments");
        connection = driver.Connect();
    }

    [Fact]
    public void Batches_get_offsets_one_after_another()
    {
        Assert.Equal(0, driver.Produce(connection, "payments", driver.Batch("a", "b")).BaseOffset);
        Assert.Equal(2, driver.Produce(connection, "payments", driver.Batch("c")).BaseOffset);
        Assert.Equal(3, driver.Cluster.FindTopic("payments")!.Partitions[0].HighWatermark);
    }

    [Fact]
    public void Stored_batch_differs_from_the_sent_one_in_offset_and_leader_epoch_only()
    {
        driver.Produce(connection, "payments", driver.Batch("first"));
        var batch = driver.Batch("a", "b");
        driver.Produce(connection, "payments", batch);

        var stored = driver.Cluster.FindTopic("payments")!.Partitions[0].Log.Batches[1].Bytes;

        Assert.Equal(1, BinaryPrimitives.ReadInt64BigEndian(stored));
        Assert.Equal(0, BinaryPrimitives.ReadInt32BigEndian(stored.AsSpan(12)));
        Assert.Equal(batch[8..12], stored[8..12]);
        Assert.Equal(batch[16..], stored[16..]);
    }

    [Fact]
    public void Batch_of_a_wrong_checksum_is_corrupt()
    {
        var batch = driver.Batch("a");
        batch[^2] ^= 1;

        Assert.Equal(ErrorCode.CorruptMessage, driver.Produce(connection, "payments", batch).ErrorCode);
        Assert.Equal(0, driver.Cluster.FindTopic("payments")!.Partitions[0].Log.EndOffset);
    }

    [Theory]
    [InlineData(57, 2)]
    [InlineData(57, 0)]
    [InlineData(23, 1)]
    public void Count_that_does_not_match_the_records_is_refused(int at, int value)
    {
        var batch = driver.Batch("a");
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(at), value);
        Batches.Sum(batch);

        Assert.Equal(ErrorCode.InvalidRecord, driver.Produce(connection, "payments", batch).ErrorCode);
    }

    [Fact]
    public void Two_batches_in_one_request_are_refused()
    {
        byte[] two = [.. driver.Batch("a"), .. driver.Batch("b")];

        Assert.Equal(ErrorCode.InvalidRecord, driver.Produce(connection, "payments", two).ErrorCode);
    }

    [Theory]
    [InlineData((sbyte)0)]
    [InlineData((sbyte)1)]
    public void Older_record_format_is_refused(sbyte magic)
    {
        var batch = driver.Batch("a");
        batch[16] = (byte)magic;

        Assert.Equal(ErrorCode.InvalidRecord, driver.Produce(connection, "payments", batch).ErrorCode);
    }

    [Fact]
    public void Control_batch_of_a_client_is_refused()
    {
        var batch = ControlBatch.Create(1, 0, commit: true, driver.WallClockMs, 0);

        Assert.Equal(ErrorCode.InvalidRecord, driver.Produce(connection, "payments", batch).ErrorCode);
    }

    [Fact]
    public void Batch_over_the_topics_limit_is_too_large_and_the_next_one_is_not()
    {
        driver.CreateTopic("small", configs: ("max.message.bytes", "200"));

        Assert.Equal(ErrorCode.MessageTooLarge, driver.Produce(connection, "small", driver.Batch(new string('x', 200))).ErrorCode);
        Assert.Equal(ErrorCode.None, driver.Produce(connection, "small", driver.Batch("x")).ErrorCode);
    }

    [Fact]
    public void Record_without_a_key_is_refused_by_a_compacted_topic_and_named()
    {
        driver.CreateTopic("compacted", configs: ("cleanup.policy", "compact"));

        var refused = driver.Produce(connection, "compacted", driver.Batch("a"));
        var taken = driver.Produce(connection, "compacted", Batches.Create(["a"], driver.WallClockMs, key: "k"));

        Assert.Equal(ErrorCode.InvalidRecord, refused.ErrorCode);
        Assert.Equal(0, Assert.Single(refused.RecordErrors).BatchIndex);
        Assert.Equal(ErrorCode.None, taken.ErrorCode);
    }

    [Fact]
    public void Log_append_time_is_the_brokers_and_keeps_the_checksum_right()
    {
        driver.CreateTopic("timed", configs: ("message.timestamp.type", "LogAppendTime"));

        var answer = driver.Produce(connection, "timed", Batches.Create(["a"], timestampMs: 5));

        var stored = driver.Cluster.FindTopic("timed")!.Partitions[0].Log.Batches[0];
        Assert.Equal(driver.WallClockMs, answer.LogAppendTimeMs);
        Assert.Equal(driver.WallClockMs, stored.Header.MaxTimestamp);
        Assert.True(stored.Header.IsLogAppendTime);
        Assert.Equal(stored.Header.Crc, Crc32Castagnoli.Compute(stored.Bytes.AsSpan(21)));
    }

    [Fact]
    public void Timestamp_too_far_ahead_is_refused()
    {
        var batch = Batches.Create(["a"], driver.WallClockMs + 3_600_001);

        Assert.Equal(ErrorCode.InvalidTimestamp, driver.Produce(connection, "payments", batch).ErrorCode);
    }

    [Fact]
    public void Unknown_topic_and_partition_are_told_apart_from_a_topic_id()
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, driver.Produce(connection, "nothing", driver.Batch("a")).ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, driver.Produce(connection, "payments", driver.Batch("a"), partition: 1).ErrorCode);
        var byId = driver.Ask(connection, Requests.ProduceOf("payments", driver.Batch("a")), 13);
        Assert.Equal(ErrorCode.UnknownTopicId, byId.Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void Acks_0_has_no_answer_and_the_next_request_has()
    {
        driver.Send(connection, Requests.ProduceOf("payments", driver.Batch("a"), acks: 0), 12);

        Assert.False(driver.HasAnswer(connection));
        Assert.Equal(1, driver.Produce(connection, "payments", driver.Batch("b")).BaseOffset);
    }

    [Fact]
    public void Acks_0_that_fails_closes_the_connection()
    {
        driver.Send(connection, Requests.ProduceOf("nothing", driver.Batch("a"), acks: 0), 12);

        Assert.True(driver.IsClosed(connection));
    }

    [Fact]
    public void Acks_of_two_are_none()
    {
        Assert.Equal(ErrorCode.InvalidRequiredAcks, driver.Produce(connection, "payments", driver.Batch("a"), acks: 2).ErrorCode);
    }

    [Fact]
    public void Zstd_needs_version_7()
    {
        var batch = driver.Batch("a");
        batch[22] |= 4;
        Batches.Sum(batch);

        var answer = driver.Ask(connection, Requests.ProduceOf("payments", batch), 6);

        Assert.Equal(ErrorCode.UnsupportedCompressionType, answer.Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Bytes_that_do_not_decompress_are_an_unknown_error(int codec)
    {
        var batch = driver.Batch("these bytes were never compressed");
        batch[22] |= (byte)codec;
        Batches.Sum(batch);

        Assert.Equal(ErrorCode.UnknownServerError, driver.Produce(connection, "payments", batch).ErrorCode);
    }

    [Fact]
    public void Unknown_record_format_is_corrupt()
    {
        var batch = driver.Batch("a");
        batch[16] = 3;

        Assert.Equal(ErrorCode.CorruptMessage, driver.Produce(connection, "payments", batch).ErrorCode);
    }

    [Fact]
    public void Wrong_largest_timestamp_is_mended()
    {
        var batch = Batches.Create(["a"], timestampMs: 5_000);
        batch[42] ^= 1;
        Batches.Sum(batch);

        Assert.Equal(ErrorCode.None, driver.Produce(connection, "payments", batch).ErrorCode);

        var stored = driver.Cluster.FindTopic("payments")!.Partitions[0].Log.Batches[0];
        Assert.Equal(5_000, stored.Header.MaxTimestamp);
        Assert.Equal(stored.Header.Crc, Crc32Castagnoli.Compute(stored.Bytes.AsSpan(21)));
    }

    [Fact]
    public void Bytes_behind_the_batch_are_dropped()
    {
        var batch = driver.Batch("a");

        Assert.Equal(0, driver.Produce(connection, "payments", [.. batch, 1, 2, 3]).BaseOffset);
        Assert.Equal(batch.Length, driver.Cluster.FindTopic("payments")!.Partitions[0].Log.SizeBytes);
    }

    [Fact]
    public void Transactional_batch_needs_a_transactional_id()
    {
        var request = Requests.ProduceOf("payments", Batches.Create(["a"], driver.WallClockMs, 9, 0, 0, transactional: true));
        request.TransactionalId = null;

        var answer = driver.Ask(connection, request, 12);

        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, answer.Responses[0].PartitionResponses[0].ErrorCode);
    }
}
