using System.Text;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <summary>Batches, waits and the end of a producer, by hand-made time.</summary>
public sealed class ProducerMachineTests
{
    static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    readonly ProducerBench _bench = new ProducerBench(new ProducerOptions { Linger = Linger, BatchSize = 1000, BufferMemory = 4000 })
        .WithTopic("t", 3).WithId();

    [Fact]
    public void Without_a_linger_a_record_goes_at_once_where_its_broker_is_idle_and_gathers_others_behind_a_request()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero }).WithTopic("t").WithId();
        bench.Append("t", "0");
        bench.Turn();
        var first = bench.Take();
        bench.Append("t", "1");
        bench.Turn();
        bench.Append("t", "2");
        bench.Turn();
        Assert.Equal(0, bench.WaitingRequests);
        Assert.Equal(bench.Now + TimeSpan.FromMilliseconds(1), bench.NextDeadline);

        first.Answer(bench.Now);
        bench.Turn();
        Assert.Equal(["1", "2"], bench.Take().Only.Values);
    }

    [Fact]
    public void Without_a_linger_a_record_appended_while_a_request_leaves_waits_for_its_answer_too()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero }).WithTopic("t").WithId();
        bench.Append("t", "0");
        bench.Cluster.OnSending = () =>
        {
            bench.Cluster.OnSending = null;
            bench.Append("t", "1");
        };
        bench.Turn();
        var first = bench.Take();
        bench.Turn();
        Assert.Equal(0, bench.WaitingRequests);

        first.Answer(bench.Now);
        bench.Turn();
        Assert.Equal(["1"], bench.Take().Only.Values);
    }

    [Fact]
    public void Without_a_linger_no_record_waits_for_an_answer_longer_than_a_millisecond()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero }).WithTopic("t").WithId();
        bench.Append("t", "0");
        bench.Turn();
        bench.Take();
        bench.Append("t", "1");
        bench.Turn();
        bench.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["1"], bench.Take().Only.Values);

        // The time counts from the last request: who comes later than that does not wait.
        bench.Advance(TimeSpan.FromMilliseconds(1));
        bench.Append("t", "2");
        bench.Turn();
        Assert.Equal(["2"], bench.Take().Only.Values);
    }

    [Fact]
    public void Without_a_linger_a_full_batch_and_a_flush_wait_for_no_answer()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1000 }).WithTopic("t").WithId();
        bench.Append("t", "0");
        bench.Turn();
        bench.Take();
        bench.Append("t", new string('x', 1000));
        bench.Turn();
        Assert.Equal(1, bench.WaitingRequests);
        bench.Take();
        bench.Append("t", "1");
        bench.Turn();
        Assert.Equal(0, bench.WaitingRequests);
        bench.Machine.OnFlush(new TestCall<bool>(Instant.Never));
        bench.Turn();
        Assert.Equal(["1"], bench.Take().Only.Values);
    }

    [Theory]
    [InlineData("bad name")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("zürich")]
    [InlineData("")]
    public void Topic_that_cannot_exist_is_refused_before_anybody_is_asked(string name)
    {
        var error = Assert.Throws<ProduceException>(() => _bench.TryAppend(name, "x", out _));
        Assert.Equal((ErrorCode.InvalidTopicException, RecordFate.NotWritten), (error.Code, error.Fate));
        Assert.Equal(["t"], _bench.Cluster.Watched);
    }

    [Fact]
    public void Longest_name_of_a_topic_is_taken_and_a_longer_one_is_not()
    {
        Assert.Equal(AppendResult.NoMetadata, _bench.TryAppend(new string('x', 249), "x", out _));
        Assert.Throws<ProduceException>(() => _bench.TryAppend(new string('x', 250), "x", out _));
    }

    [Fact]
    public void Purge_ends_what_was_not_sent_and_leaves_what_was()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = Linger, MaxInFlight = 1 }).WithTopic("t").WithId();
        var sent = bench.Send("t", "0");
        bench.Advance(Linger);
        var request = bench.Take();
        var waiting = bench.Send("t", "1");
        var call = Purge(bench);
        Assert.True(call.IsAnswered);
        Assert.Equal(RecordFate.NotWritten, Assert.IsType<ProduceException>(waiting.Error).Fate);
        Assert.False(sent.IsOver);

        var next = bench.Send("t", "2");
        request.Answer(bench.Now);
        bench.Turn();
        bench.Advance(Linger);
        Assert.Equal(["2"], bench.Drain().Single().Values);
        Assert.Null(sent.Error);
        Assert.Null(next.Error);
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Purge_leaves_what_waits_to_be_sent_again_since_it_may_be_written()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero }).WithTopic("t").WithId();
        var sent = bench.Send("t", "0");
        bench.Fail(bench.TakeRequest(ApiKey.Produce), RequestFailureReason.Lost);
        Assert.True(Purge(bench).IsAnswered);
        Assert.False(sent.IsOver);
        bench.PassBackoff();
        Assert.Equal(0, bench.Drain().Single().Sequence);
        Assert.Null(sent.Error);
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Settings_of_a_topic_hold_for_it_alone()
    {
        var options = new ProducerOptions { Linger = Linger, BatchSize = 1000 };
        options.Topics["fast"] = new ProducerTopicOptions { Linger = TimeSpan.Zero, BatchSize = 0, Compression = CompressionCodec.Gzip };
        var bench = new ProducerBench(options).WithTopic("slow").WithTopic("fast").WithId();
        bench.Append("slow", "a");
        bench.Append("slow", "b");
        bench.Append("fast", "a");
        bench.Append("fast", "b");
        bench.Turn();
        var fast = bench.Drain();
        Assert.Equal(["fast", "fast"], fast.Select(static batch => batch.Topic));
        Assert.All(fast, static batch => Assert.Equal(CompressionCodec.Gzip, CodecOf(batch)));
        bench.Advance(Linger);
        var slow = bench.Drain().Single(static batch => batch.Topic == "slow");
        Assert.Equal(["a", "b"], slow.Values);
        Assert.Equal(CompressionCodec.None, CodecOf(slow));
        bench.AssertNothingHeld();
    }

    // The lowest bits of a batch's attributes, which are its bytes 21 and 22.
    static CompressionCodec CodecOf(SentBatch batch) => (CompressionCodec)(batch.Bytes[22] & 7);

    static TestCall<bool> Purge(ProducerBench bench)
    {
        var call = new TestCall<bool>(Instant.Never);
        bench.Machine.OnPurge(call);
        bench.Turn();
        return call;
    }

    [Fact]
    public void Topic_that_nobody_writes_to_is_not_asked_about_any_more_and_goes_on_with_its_numbers()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, MetadataMaxIdle = TimeSpan.FromMinutes(5) }).WithTopic("t").WithTopic("u").WithId();
        bench.Send("t", "0");
        Assert.Equal(0, Assert.Single(bench.Drain()).Sequence);
        bench.Advance(TimeSpan.FromMinutes(4));
        bench.Send("u", "1");
        bench.Drain();
        bench.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["u"], bench.Cluster.Watched);

        Assert.Equal(AppendResult.NoMetadata, bench.TryAppend("t", "2", out _));
        bench.WithTopic("t");
        Assert.Equal(["t", "u"], bench.Cluster.Watched.Order());
        bench.Send("t", "2");
        Assert.Equal(1, Assert.Single(bench.Drain()).Sequence);
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Producer_whose_topics_all_rest_wakes_nobody()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, MetadataMaxIdle = TimeSpan.FromMinutes(5) }).WithTopic("t").WithId();
        bench.Send("t", "0");
        bench.Drain();
        bench.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(bench.Cluster.Watched);
        Assert.Equal(Instant.Never, bench.NextDeadline);
    }

    [Fact]
    public void Topic_with_records_on_their_way_does_not_rest()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, MetadataMaxIdle = TimeSpan.FromSeconds(10) }).WithTopic("t").WithId();
        bench.Send("t", "0");
        bench.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(["t"], bench.Cluster.Watched);
        bench.Drain();
        bench.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(bench.Cluster.Watched);
    }

    [Fact]
    public void Record_that_meets_the_end_of_its_topics_time_rouses_it()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, MetadataMaxIdle = TimeSpan.FromMinutes(5) }).WithTopic("t").WithId();
        bench.Send("t", "0");
        bench.Drain();
        var partitions = bench.Accumulator.GetTopic("t").Partitions!;
        bench.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(bench.Cluster.Watched);
        // A caller who had the partitions in hand before has begun a batch since.
        bench.Machine.OnSignal(partitions.All[0], bench.Now);
        Assert.Equal(["t"], bench.Cluster.Watched);
    }

    [Fact]
    public void Records_linger_and_leave_together()
    {
        _bench.Send("t", "a");
        _bench.Advance(TimeSpan.FromMilliseconds(4));
        _bench.Send("t", "b");
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.Advance(TimeSpan.FromMilliseconds(0.9));
        Assert.Equal(0, _bench.WaitingRequests);
        Assert.Equal(_bench.Now + TimeSpan.FromMilliseconds(0.1), _bench.NextDeadline);
        _bench.Advance(TimeSpan.FromMilliseconds(0.1));
        Assert.Equal(["a", "b"], _bench.Take().Only.Values);
    }

    [Fact]
    public void Full_batch_does_not_linger_and_the_next_one_has_a_deadline_of_its_own()
    {
        var first = _bench.Send("t", new string('x', 600));
        _bench.Advance(TimeSpan.FromMilliseconds(3));
        _bench.Send("t", new string('y', 600));
        Assert.Equal(600, Assert.Single(_bench.Take().Only.Values).Length);
        _bench.Advance(TimeSpan.FromMilliseconds(4.9));
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.Advance(TimeSpan.FromMilliseconds(0.1));
        Assert.Equal(1, _bench.WaitingRequests);
        Assert.False(first.IsOver);
    }

    [Fact]
    public void Batches_of_one_broker_share_a_request_with_one_batch_of_each_partition()
    {
        var bench = new ProducerBench().WithTopic("t", 6).WithTopic("u", 6).WithId();
        foreach (var topic in new[] { "t", "u" })
        {
            for (var partition = 0; partition < 6; partition++)
                bench.Append(topic, $"{topic}{partition}", partition);
        }
        bench.Turn();
        var requests = new[] { bench.Take(), bench.Take(), bench.Take() };
        Assert.Equal(0, bench.WaitingRequests);
        Assert.All(requests, request =>
        {
            Assert.Equal(4, request.Batches.Length);
            Assert.All(request.Batches, batch => Assert.Equal(request.NodeId, 1 + batch.Partition % 3));
            Assert.Equal(4, request.Batches.Select(batch => (batch.Topic, batch.Partition)).Distinct().Count());
        });
    }

    [Fact]
    public void Request_holds_no_more_than_its_limit_but_always_one_batch()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1024, MaxRequestSize = 1024 })
            .WithTopic("t", 9, _ => 1).WithId();
        for (var partition = 0; partition < 9; partition++)
            bench.Append("t", new string('x', partition == 0 ? 900 : 400), partition);
        bench.Turn();
        Assert.Equal(5, bench.WaitingRequests);
        var sizes = new List<int>();
        while (bench.WaitingRequests > 0)
        {
            var request = bench.Take();
            sizes.Add(request.Batches.Length);
            Assert.True(request.Batches.Sum(batch => batch.Bytes.Length) <= 1024);
            request.Answer(bench.Now);
            bench.Turn();
        }
        Assert.Equal(9, sizes.Sum());
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Metadata_and_producer_id_are_asked_for_at_once_and_together()
    {
        var bench = new ProducerBench();
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        Assert.Equal(AppendResult.NoMetadata, bench.TryAppend("new", "a", out _));
        bench.Machine.OnTopicWanted(new TopicWait(bench.Accumulator.GetTopic("new"), -1, call));
        bench.Turn();
        Assert.Equal(["new"], bench.Cluster.Watched);
        Assert.Equal(ApiKey.InitProducerId, Assert.Single(bench.Cluster.Sent).Request.ApiKey);
        Assert.False(call.IsAnswered);
        bench.Show("new");
        bench.Turn();
        Assert.True(call.Value);
    }

    [Fact]
    public void Wait_for_a_topic_ends_at_its_deadline_and_names_the_stage()
    {
        var bench = new ProducerBench();
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnTopicWanted(new TopicWait(bench.Accumulator.GetTopic("x"), -1, call));
        bench.Turn();
        bench.Advance(TimeSpan.FromSeconds(59));
        Assert.False(call.IsAnswered);
        Assert.Equal(bench.Now + TimeSpan.FromSeconds(1), bench.NextDeadline);
        bench.Advance(TimeSpan.FromSeconds(1));
        var error = Assert.IsType<KafkaTimeoutException>(call.Failure);
        Assert.Equal("metadata", error.Stage);
        Assert.Empty(bench.Cluster.Watched);
    }

    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed, typeof(KafkaAuthorizationException))]
    [InlineData(ErrorCode.InvalidTopicException, typeof(ProduceException))]
    public void Topic_that_waiting_cannot_help_fails_at_once(ErrorCode code, Type type)
    {
        var bench = new ProducerBench();
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnTopicWanted(new TopicWait(bench.Accumulator.GetTopic("x"), -1, call));
        bench.Show("x", 0, error: code);
        bench.Turn();
        Assert.IsType(type, call.Failure);
        Assert.Equal(code, ((KafkaException)call.Failure!).Code);
    }

    [Fact]
    public void Full_buffer_makes_callers_wait_in_their_order_and_sends_what_lingers()
    {
        for (var partition = 0; partition < 3; partition++)
            _bench.Append("t", new string('x', 100), partition);
        _bench.Turn();
        Assert.Equal(3000, _bench.Accumulator.Memory.UsedBytes);
        Assert.Equal(AppendResult.NoRoom, _bench.TryAppend("t", new string('y', 1500), out _));
        var calls = Enumerable.Range(0, 3).Select(_ => new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(60))).ToList();
        _bench.Machine.OnRoomWanted(1600, calls[0], isAgain: false);
        _bench.Machine.OnRoomWanted(1000, calls[1], isAgain: false);
        _bench.Machine.OnRoomWanted(1000, calls[2], isAgain: false);
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.Turn();
        Assert.Equal(3, _bench.WaitingRequests);
        // What would fit does not overtake.
        Assert.Equal(AppendResult.NoRoom, _bench.TryAppend("t", new string('y', 950), out _));
        Assert.All(calls, call => Assert.False(call.IsAnswered));
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal([true, false, false], calls.Select(call => call.IsAnswered));
        _bench.Take().Answer(_bench.Now);
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        Assert.All(calls, call => Assert.True(call.Value));
        Assert.Equal(AppendResult.Appended, _bench.TryAppend("t", new string('y', 1500), out _, hasWaited: true));
        Assert.False(_bench.Accumulator.Memory.HasWaiters);
    }

    [Fact]
    public void Caller_is_woken_at_a_quarter_of_free_buffer_or_soon_after_there_is_room_for_him()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1000, BufferMemory = 20_000 }).WithTopic("t", 20).WithId();
        for (var partition = 0; partition < 20; partition++)
            bench.Send("t", "x", partition);
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnRoomWanted(1000, call, isAgain: false);
        bench.Turn();
        bench.Take().Answer(bench.Now);
        bench.Turn();
        Assert.InRange(bench.Accumulator.Memory.FreeBytes, 1000, 4999);
        Assert.False(call.IsAnswered);
        bench.Advance(TimeSpan.FromMilliseconds(2));
        Assert.True(call.Value);
        call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        while (bench.Accumulator.Memory.FreeBytes < 5000)
        {
            bench.Take().Answer(bench.Now);
            bench.Turn();
        }
        bench.Machine.OnRoomWanted(1000, call, isAgain: false);
        bench.Turn();
        Assert.True(call.Value);
    }

    [Fact]
    public void Outcomes_that_pile_up_before_callbacks_make_producers_wait()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1000, BufferMemory = 2000 }).WithTopic("t").WithId();
        bench.HoldsDispatches = true;
        var produced = 0;
        while (bench.TryAppend("t", "x", out _) == AppendResult.Appended)
        {
            produced++;
            bench.Turn();
            bench.Drain();
        }
        // Two batches fill the bound, the third passes it.
        Assert.Equal(3, produced);
        Assert.Equal(0, bench.Accumulator.Memory.UsedBytes);
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnRoomWanted(1000, call, isAgain: false);
        bench.Turn();
        Assert.False(call.IsAnswered);
        bench.Dispatched.Dequeue().Run();
        bench.Turn();
        Assert.True(call.Value);
        Assert.Equal(AppendResult.Appended, bench.TryAppend("t", "x", out _, hasWaited: true));
    }

    [Fact]
    public void Wait_for_room_ends_at_its_deadline_and_names_the_stage()
    {
        var call = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(60));
        _bench.Machine.OnRoomWanted(5000, call, isAgain: false);
        _bench.Turn();
        Assert.Equal(call.Deadline, _bench.NextDeadline);
        _bench.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("buffer memory", Assert.IsType<KafkaTimeoutException>(call.Failure).Stage);
        Assert.Equal(AppendResult.Appended, _bench.TryAppend("t", "free again", out _));
    }

    [Fact]
    public void Wait_that_was_cancelled_holds_up_nobody()
    {
        var cancelled = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(60));
        var other = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(60));
        _bench.Machine.OnRoomWanted(5000, cancelled, isAgain: false);
        _bench.Machine.OnRoomWanted(1000, other, isAgain: false);
        _bench.Turn();
        Assert.False(other.IsAnswered);
        cancelled.Fail(new OperationCanceledException(), new Effects());
        _bench.Machine.OnWaitEnded();
        _bench.Turn();
        Assert.True(other.Value);
    }

    [Fact]
    public void Flush_sends_what_lingers_and_ends_with_the_last_outcome_of_what_was_there()
    {
        var a = _bench.Send("t", "a");
        var b = _bench.Send("t", "b", partition: 1);
        var flush = new TestCall<bool>(Instant.Never);
        _bench.Machine.OnFlush(flush);
        _bench.Turn();
        Assert.Equal(2, _bench.WaitingRequests);
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        Assert.False(flush.IsAnswered);
        var later = _bench.Send("t", "c", partition: 2);
        var second = _bench.Take();
        second.Answer(_bench.Now, ErrorCode.InvalidRecord);
        _bench.Turn();
        Assert.True(flush.Value);
        Assert.True(a.IsOver && b.IsOver && !later.IsOver);
    }

    [Fact]
    public void Batch_that_could_not_leave_with_a_flush_lingers_again_after_it()
    {
        _bench.Show("t", 3, partition => partition == 0 ? -1 : 1);
        _bench.Turn();
        _bench.Send("t", "b", partition: 1);
        var flush = new TestCall<bool>(Instant.Never);
        _bench.Machine.OnFlush(flush);
        _bench.Turn();
        _bench.Send("t", "a");
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        Assert.True(flush.Value);
        _bench.Show("t", 3);
        _bench.Turn();
        _bench.Advance(Linger);
        Assert.Equal(["a"], _bench.Take().Only.Values);
    }

    [Fact]
    public void Flush_of_nothing_ends_at_once()
    {
        var flush = new TestCall<bool>(Instant.Never);
        _bench.Machine.OnFlush(flush);
        _bench.Turn();
        Assert.True(flush.Value);
    }

    [Fact]
    public void Outcomes_of_the_whole_batch_are_set_and_its_memory_is_free_before_anybody_is_told()
    {
        var records = Enumerable.Range(0, 3).Select(i => _bench.Append("t", $"{i}")).ToList();
        records[0].OnContinued = () =>
        {
            Assert.All(records, record => Assert.True(record.IsOver));
            _bench.AssertNothingHeld();
        };
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now, baseOffset: 7);
        _bench.Turn();
        Assert.Equal([7, 8, 9], records.Select(record => record.Offset));
        Assert.All(records, record => Assert.Equal(1, record.Continued));
        Assert.Empty(_bench.CallbackErrors);
    }

    [Fact]
    public void Rest_of_a_batch_is_told_by_another_runner_where_one_is_stuck()
    {
        var records = Enumerable.Range(0, 3).Select(i => _bench.Append("t", $"{i}")).ToList();
        _bench.HoldsDispatches = true;
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        var item = Assert.Single(_bench.Dispatched);
        records[0].OnContinued = item.Run;
        item.Run();
        Assert.All(records, record => Assert.Equal(1, record.Continued));
        item.Run();
        Assert.All(records, record => Assert.Equal(1, record.Continued));
    }

    [Fact]
    public void Callbacks_get_the_offset_the_time_and_their_state()
    {
        var reports = new List<DeliveryReport>();
        DeliveryCallback callback = reports.Add;
        _bench.TryAppend("t", "nobody", (object?)null);
        _bench.TryAppend("t", "a", callback);
        _bench.TryAppend("t", "b", callback);
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now, baseOffset: 5, more: row => row.LogAppendTimeMs = 99);
        _bench.Turn();
        Assert.Equal([new RecordMetadata("t", 0, 6, 99), new RecordMetadata("t", 0, 7, 99)], reports.Select(report => report.Metadata));
    }

    [Fact]
    public void Callback_that_throws_is_reported_and_the_others_are_told()
    {
        var reports = new List<DeliveryReport>();
        DeliveryCallback bad = static _ => throw new InvalidOperationException("mine");
        DeliveryCallback good = reports.Add;
        _bench.TryAppend("t", "a", bad);
        _bench.TryAppend("t", "b", good);
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal("mine", Assert.Single(_bench.CallbackErrors).Message);
        Assert.Single(reports);
        _bench.AssertNothingHeld();
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Lz4)]
    public void Batch_too_large_for_the_broker_is_split_until_it_fits(CompressionCodec codec)
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = Linger, Compression = codec }).WithTopic("t").WithId();
        var records = Enumerable.Range(0, 8).Select(i => bench.Append("t", $"{i}", key: i % 2 == 0 ? null : $"k{i}")).ToList();
        bench.Advance(Linger);
        var offset = 0;
        var written = new List<string>();
        while (bench.WaitingRequests > 0)
        {
            var request = bench.Take();
            var count = request.Only.Values.Length;
            Assert.Equal(written.Count, request.Only.Sequence);
            request.Answer(bench.Now, count > 2 ? ErrorCode.MessageTooLarge : ErrorCode.None, offset);
            if (count <= 2)
            {
                offset += count;
                written.AddRange(request.Only.Values);
            }
            bench.Turn();
        }
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}"), written);
        Assert.Equal(Enumerable.Range(0, 8), records.Select(record => (int)record.Offset));
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Part_of_a_batch_that_a_later_one_proves_to_be_there_is_not_said_to_be_nowhere()
    {
        var records = Enumerable.Range(0, 4).Select(i => _bench.Append("t", $"{i}")).ToList();
        _bench.Advance(Linger);
        _bench.Take().Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.PassBackoff();
        var whole = _bench.Take();
        _bench.Append("t", "later");
        _bench.Advance(Linger);
        var later = _bench.Take();
        whole.Answer(_bench.Now, ErrorCode.MessageTooLarge);
        later.Answer(_bench.Now, baseOffset: 4);
        _bench.Turn();

        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.TopicAuthorizationFailed);
        _bench.Turn();
        Assert.Equal([-1, -1], records.Take(2).Select(record => record.Offset));
        Assert.All(records.Skip(2), record => Assert.Equal(RecordFate.Unknown, Assert.IsType<KafkaAuthorizationException>(record.Error).Fate));
        _bench.AssertNothingHeld();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Parts_of_a_batch_that_may_have_been_written_whole_are_not_stamped_anew(bool wasWritten)
    {
        var records = Enumerable.Range(0, 4).Select(i => _bench.Append("t", $"{i}")).ToList();
        _bench.Advance(Linger);
        _bench.Take().Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.MessageTooLarge);
        _bench.Turn();
        while (records.Exists(record => !record.IsOver))
        {
            var part = _bench.Take();
            Assert.Equal(0, part.Only.Epoch);
            part.Answer(_bench.Now, wasWritten ? ErrorCode.OutOfOrderSequenceNumber : ErrorCode.None);
            _bench.PassBackoff();
        }
        if (wasWritten)
            Assert.All(records, record => Assert.Equal(RecordFate.Unknown, record.Fate));
        else
            Assert.All(records, record => Assert.Null(record.Error));
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Single_record_too_large_for_the_broker_fails_alone()
    {
        var records = new[] { _bench.Append("t", "large"), _bench.Append("t", "b") };
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now, ErrorCode.MessageTooLarge);
        _bench.Turn();
        _bench.Take().Answer(_bench.Now, ErrorCode.MessageTooLarge);
        _bench.Turn();
        Assert.Equal(["b"], _bench.Drain()[^1].Values);
        Assert.Equal(ErrorCode.MessageTooLarge, records[0].Error!.Code);
        Assert.Equal(RecordFate.NotWritten, records[0].Fate);
        Assert.True(records[1].IsOver && records[1].Error is null);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Refused_record_is_named_and_its_neighbours_say_that_it_was_another()
    {
        var records = new[] { _bench.Append("t", "a"), _bench.Append("t", "b") };
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now, ErrorCode.InvalidRecord, more: row =>
            row.RecordErrors = [new() { BatchIndex = 1, BatchIndexErrorMessage = "a key is wanted" }]);
        _bench.Turn();
        Assert.Contains("another record", records[0].Error!.Message);
        Assert.Contains("a key is wanted", records[1].Error!.Message);
        Assert.All(records, static record => Assert.Equal((RecordFate.NotWritten, ErrorCode.InvalidRecord, false), (record.Fate, record.Error!.Code, record.Error.IsRetriable)));
        Assert.Equal(new TopicPartition("t", 0), records[1].Error!.Partition);
    }

    [Fact]
    public void Record_that_is_refused_after_an_attempt_without_an_answer_may_be_in_the_topic_and_so_its_neighbours()
    {
        var records = new[] { _bench.Append("t", "a"), _bench.Append("t", "b") };
        _bench.Advance(Linger);
        _bench.Take().Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Turn();
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.InvalidRecord, more: row =>
            row.RecordErrors = [new() { BatchIndex = 1, BatchIndexErrorMessage = "a key is wanted" }]);
        _bench.Turn();
        Assert.All(records, static record => Assert.Equal(RecordFate.Unknown, record.Fate));
    }

    [Fact]
    public void Denied_topic_is_an_authorization_error()
    {
        var record = _bench.Send("t", "a");
        _bench.Advance(Linger);
        _bench.Take().Answer(_bench.Now, ErrorCode.TopicAuthorizationFailed);
        _bench.Turn();
        Assert.Equal(RecordFate.NotWritten, Assert.IsType<KafkaAuthorizationException>(record.Error).Fate);
        Assert.Contains("WRITE", record.Error.Message);
    }

    [Fact]
    public void Record_that_is_denied_after_an_attempt_without_an_answer_may_be_in_the_topic()
    {
        var record = _bench.Send("t", "a");
        _bench.Advance(Linger);
        _bench.Take().Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.TopicAuthorizationFailed);
        _bench.Turn();
        Assert.Equal(RecordFate.Unknown, Assert.IsType<KafkaAuthorizationException>(record.Error).Fate);
    }

    [Fact]
    public void Producer_id_is_asked_for_again_after_a_passing_error_and_refused_by_a_lasting_one()
    {
        var bench = new ProducerBench().WithTopic("t");
        var record = bench.Send("t", "a");
        bench.Cluster.Take().Answer(new InitProducerIdResponse { ErrorCode = ErrorCode.CoordinatorLoadInProgress }, bench.Now);
        bench.Turn();
        Assert.Empty(bench.Cluster.Sent);
        bench.PassBackoff();
        bench.Cluster.Take().Fail(RequestFailureReason.Lost, bench.Now);
        bench.PassBackoff();
        Assert.False(record.IsOver);
        bench.Cluster.Take().Answer(new InitProducerIdResponse { ErrorCode = ErrorCode.ClusterAuthorizationFailed }, bench.Now);
        bench.Turn();
        Assert.IsType<KafkaAuthorizationException>(record.Error);
        Assert.Contains("EnableIdempotence", record.Error.Message);
        bench.AssertNothingHeld();
        var next = bench.Send("t", "b");
        bench.PassBackoff();
        bench.WithId();
        bench.Drain();
        Assert.Equal(0, next.Offset);
    }

    [Fact]
    public void Acks_none_waits_for_the_write_and_for_no_answer()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, Acks = Acks.None }).WithTopic("t");
        var record = bench.Send("t", "a");
        Assert.False(Assert.Single(bench.Cluster.Sent).Request.HasAnswer);
        var request = bench.Take();
        Assert.False(record.IsOver);
        request.Written(bench.Now);
        bench.Turn();
        Assert.Equal(-1, record.Offset);
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Answer_that_forgets_a_partition_leaves_its_fate_open_and_it_is_sent_again()
    {
        var record = _bench.Send("t", "a");
        _bench.Advance(Linger);
        var first = _bench.Take();
        first.Answer(_bench.Now, _ => null);
        _bench.Turn();
        Assert.False(record.IsOver);
        _bench.PassBackoff();
        var again = _bench.Take();
        Assert.Equal(first.Only.Bytes, again.Only.Bytes);
        again.Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal(0, record.Offset);
    }

    [Fact]
    public void Broker_too_old_for_the_codec_fails_the_record_and_says_so()
    {
        var record = _bench.Send("t", "a");
        _bench.Advance(Linger);
        _bench.Take().Fail(RequestFailureReason.UnsupportedVersion, _bench.Now);
        _bench.Turn();
        Assert.True(record.IsOver);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Closing_sends_what_lingers_and_ends_once_all_is_answered()
    {
        var record = _bench.Send("t", "a");
        var close = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30));
        _bench.Machine.OnClose(close);
        _bench.Turn();
        Assert.False(close.IsAnswered);
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        Assert.True(close.Value);
        Assert.Throws<ObjectDisposedException>(() => _bench.TryAppend("t", "late", out _));
        Assert.Throws<ObjectDisposedException>(() => _bench.TryAppend("unknown", "late", out _));
        Assert.True(record.IsOver);
        Assert.Empty(_bench.Cluster.Watched);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Caller_who_comes_to_wait_after_the_end_does_not_wait()
    {
        _bench.Machine.OnClose(new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30)));
        _bench.Turn();
        var waiter = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(60));
        _bench.Machine.OnTopicWanted(new TopicWait(_bench.Accumulator.GetTopic("unknown"), -1, waiter));
        _bench.Turn();
        Assert.IsType<ObjectDisposedException>(waiter.Failure);
        Assert.Empty(_bench.Cluster.Watched);
    }

    [Fact]
    public void Closing_ends_at_its_deadline_and_tells_each_record_its_fate()
    {
        var onWire = _bench.Send("t", "a");
        _bench.Advance(Linger);
        var request = _bench.Take();
        var unsent = _bench.Append("t", "b", partition: 1);
        var waiter = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(60));
        _bench.Machine.OnRoomWanted(5000, waiter, isAgain: false);
        var close = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30));
        _bench.Machine.OnClose(close);
        _bench.Turn();
        _bench.Advance(TimeSpan.FromSeconds(30));
        Assert.False(close.Value);
        Assert.Equal(RecordFate.Unknown, onWire.Fate);
        Assert.Equal(RecordFate.NotWritten, unsent.Fate);
        Assert.IsType<ObjectDisposedException>(waiter.Failure);
        request.Fail(RequestFailureReason.Closed, _bench.Now);
        _bench.Turn();
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Defect_ends_every_call_of_the_producer()
    {
        var record = _bench.Send("t", "a");
        _bench.Advance(Linger);
        _bench.Take();
        var flush = new TestCall<bool>(Instant.Never);
        _bench.Machine.OnFlush(flush);
        Assert.True(_bench.Machine.TakeFault(new InvalidOperationException("defect")));
        _bench.Turn();
        Assert.True(record.IsOver);
        Assert.True(Assert.IsType<KafkaException>(flush.Failure).IsFatal);
    }

    [Fact]
    public void Idle_partitions_cost_nothing()
    {
        var options = new ProducerOptions { Linger = TimeSpan.Zero, MetadataMaxIdle = Timeout.InfiniteTimeSpan };
        var bench = new ProducerBench(options).WithTopic("t", 2000).WithId();
        for (var partition = 0; partition < 2000; partition++)
            bench.Append("t", "x", partition);
        bench.Turn();
        bench.Drain();
        Assert.Equal(Instant.Never, bench.NextDeadline);
        bench.Append("t", "x", 1234);
        bench.Turn();
        Assert.Equal(1, bench.WaitingRequests);
        Assert.Equal(1234, bench.Take().Only.Partition);
    }

    [Fact]
    public void Failed_connection_makes_nothing_of_the_poll_before_its_pause_is_over()
    {
        _bench.Send("t", "a");
        _bench.Advance(Linger);
        _bench.Take().Fail(RequestFailureReason.NotSent, _bench.Now);
        _bench.Turn();
        Assert.Equal(0, _bench.WaitingRequests);
        Assert.InRange((_bench.NextDeadline - _bench.Now).TotalMilliseconds, 80, 120);
    }

    [Fact]
    public void Keyless_records_stay_with_a_partition_for_a_batch_and_then_move_on()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1000 }).WithTopic("t", 4).WithId();
        var batches = new List<SentBatch>();
        for (var i = 0; i < 400; i++)
        {
            bench.Append("t", new string('x', 100), partition: -1);
            bench.Turn();
            batches.AddRange(bench.Drain());
        }
        var partitions = batches.Select(batch => batch.Partition).ToList();
        Assert.Equal([0, 1, 2, 3], partitions.Distinct().Order());
        // Ten records of 100 bytes make a batch's worth.
        for (var i = 0; i < 400; i += 10)
            Assert.Single(partitions.Skip(i).Take(10).Distinct());
        for (var i = 10; i < 400; i += 10)
            Assert.NotEqual(partitions[i - 1], partitions[i]);
    }

    [Fact]
    public void Keyless_records_avoid_partitions_without_a_leader()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 100 }).WithTopic("t", 4, p => p == 2 ? 1 : -1).WithId();
        for (var i = 0; i < 50; i++)
            bench.Append("t", new string('x', 50), partition: -1);
        bench.Turn();
        Assert.All(bench.Drain(), batch => Assert.Equal(2, batch.Partition));
    }

    [Fact]
    public void Keyed_records_go_by_murmur2_over_all_partitions_with_or_without_leaders()
    {
        var bench = new ProducerBench().WithTopic("t", 7, _ => -1).WithId();
        foreach (var key in new[] { "Alice", "", "Bob", "東京" })
            bench.Append("t", key, partition: -1, key: key);
        bench.Show("t", 7);
        bench.Turn();
        foreach (var batch in bench.Drain())
            Assert.All(batch.Values, value => Assert.Equal(Protocol.Hashing.Murmur2.Partition(Encoding.UTF8.GetBytes(value), 7), batch.Partition));
    }

    [Fact]
    public void More_partitions_keep_the_queues_that_exist()
    {
        var before = _bench.Accumulator.GetTopic("t").Partitions!.All;
        _bench.Show("t", 5);
        _bench.Turn();
        var after = _bench.Accumulator.GetTopic("t").Partitions!;
        Assert.Equal(5, after.Count);
        Assert.Equal(before, after.All.Take(3));
    }
}
