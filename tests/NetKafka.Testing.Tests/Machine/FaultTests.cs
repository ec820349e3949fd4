using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class FaultTests : IFaults
{
    readonly MachineDriver driver = new();
    readonly int connection;
    readonly List<ApiKey> asked = [];
    readonly List<(ApiKey, short)> unspoken = [];
    Fault next;

    public FaultTests()
    {
        driver.CreateTopic("payments");
        connection = driver.Connect();
        driver.Machine.Faults = this;
    }

    long Written => driver.Cluster.FindTopic("payments")!.Partitions[0].Log.EndOffset;

    [Fact]
    public void Plan_is_asked_once_for_each_request()
    {
        driver.Produce(connection, "payments", driver.Batch("a"));
        driver.Fetch(connection, "payments", 0);

        Assert.Equal([ApiKey.Produce, ApiKey.Fetch], asked);
    }

    [Fact]
    public void Connection_closed_before_handling_writes_nothing()
    {
        Send(new Fault { CloseBefore = true });

        Assert.True(driver.IsClosed(connection));
        Assert.Equal(0, Written);
    }

    [Fact]
    public void Connection_closed_after_handling_wrote_and_does_not_answer()
    {
        Send(new Fault { CloseAfter = true });

        Assert.True(driver.IsClosed(connection));
        Assert.False(driver.HasAnswer(connection));
        Assert.Equal(1, Written);
    }

    [Fact]
    public void Error_before_handling_writes_nothing()
    {
        Send(new Fault { Error = ErrorCode.NotLeaderOrFollower });

        Assert.Equal(ErrorCode.NotLeaderOrFollower, Answer().ErrorCode);
        Assert.Equal(0, Written);
    }

    [Fact]
    public void Error_after_handling_hides_what_was_written()
    {
        Send(new Fault { ErrorAfter = ErrorCode.RequestTimedOut });

        Assert.Equal(ErrorCode.RequestTimedOut, Answer().ErrorCode);
        Assert.Equal(1, Written);
    }

    [Fact]
    public void Silence_leaves_the_connection_open_and_answers_nothing_more()
    {
        Send(new Fault { Silence = true });
        next = default;
        driver.Send(connection, new MetadataRequest { Topics = null }, 12);
        driver.Pass(1_000_000);

        Assert.False(driver.HasAnswer(connection));
        Assert.False(driver.IsClosed(connection));
        Assert.Equal(1, Written);
    }

    [Fact]
    public void Delayed_request_is_handled_later()
    {
        Send(new Fault { DelayBeforeMs = 100 });
        driver.Pass(99);
        Assert.Equal(0, Written);
        driver.Pass(1);

        Assert.Equal(1, Written);
        Assert.Equal(0, Answer().BaseOffset);
    }

    [Fact]
    public void Delayed_answer_leaves_later_and_holds_what_is_behind_it()
    {
        Send(new Fault { DelayAnswerMs = 100 });
        next = default;
        driver.Send(connection, new MetadataRequest { Topics = null }, 12);
        Assert.Equal(1, Written);
        driver.Pass(99);
        Assert.False(driver.HasAnswer(connection));
        driver.Pass(1);

        Answer();
        Assert.True(driver.HasAnswer(connection));
    }

    [Fact]
    public void Request_held_back_is_worked_off_though_its_connection_has_ended()
    {
        Send(new Fault { DelayBeforeMs = 100 });
        driver.Machine.Disconnect(connection, driver.NowMs);
        driver.Pass(100);

        Assert.Equal(1, Written);
    }

    [Fact]
    public void Request_held_back_while_its_connection_ends_is_worked_off_in_its_time()
    {
        Send(new Fault { DelayBeforeMs = 100, CloseBefore = true });
        Assert.True(driver.IsClosed(connection));
        Assert.Equal(0, Written);
        driver.Pass(100);

        Assert.Equal(1, Written);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Request_held_back_is_lost_with_its_broker(bool isStartedAgain)
    {
        Send(new Fault { DelayBeforeMs = 100 });
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(1, driver.NowMs));
        if (isStartedAgain)
            driver.Machine.Operate(driver.NowMs, cluster => cluster.StartBroker(1, driver.NowMs));
        driver.Pass(100);

        Assert.Equal(0, Written);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Requests_that_are_held_can_be_lost_with_their_connections(bool isClosedBefore)
    {
        Send(new Fault { DelayBeforeMs = 100, CloseBefore = isClosedBefore });
        driver.Machine.LoseHeld(driver.NowMs);
        Assert.True(driver.IsClosed(connection));
        driver.Pass(100);

        Assert.Equal(0, Written);
    }

    [Fact]
    public void Cut_answer_leaves_in_part_and_the_connection_closes()
    {
        Send(new Fault { CutAnswerAfterBytes = 6 });

        Assert.True(driver.TryTake(connection, out var bytes));
        Assert.Equal(6, bytes.Length);
        Assert.True(driver.IsClosed(connection));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(int.MaxValue)]
    public void Damaged_records_differ_in_one_bit_that_their_checksum_covers(int which)
    {
        driver.Produce(connection, "payments", driver.Batch("a"));
        var stored = driver.Cluster.FindTopic("payments")!.Partitions[0].Log.Batches[0].Bytes;
        next = new Fault { DamageRecords = which };
        var fetched = driver.Fetch(connection, "payments", 0).Records!.Value.Span;

        Assert.Equal(stored.Length, fetched.Length);
        var bits = 0;
        for (var i = 0; i < stored.Length; i++)
            bits += System.Numerics.BitOperations.PopCount((uint)(stored[i] ^ fetched[i]));
        Assert.Equal(1, bits);
        Assert.NotEqual(new BatchHeader(fetched).Crc, Crc32Castagnoli.Compute(fetched[BatchHeader.AttributesAt..]));
    }

    [Fact]
    public void Illegal_answer_is_cut_of_another_request_or_of_an_impossible_size()
    {
        var sizes = new List<(int Size, int Bytes)>();
        for (var which = 1; which <= 4; which++)
        {
            Send(new Fault { IllegalAnswer = which });
            Assert.True(driver.TryTake(connection, out var bytes));
            sizes.Add((BinaryPrimitives.ReadInt32BigEndian(bytes.Span), bytes.Length));
        }
        next = default;
        driver.Produce(connection, "payments", driver.Batch("a"));

        Assert.Equal(sizes[0].Bytes - 4, sizes[0].Size);
        Assert.True(sizes[1].Size < 0);
        Assert.True(sizes[2].Size > 1_000_000_000);
        Assert.True(sizes[3].Bytes < sizes[0].Bytes);
        Assert.Equal(sizes[3].Bytes - 4, sizes[3].Size);
    }

    [Fact]
    public void Version_that_was_not_announced_is_told_and_closes_the_connection()
    {
        driver.Machine.Settings.ApiVersionLimits[(short)ApiKey.Metadata] = (0, 5);
        driver.Send(connection, new MetadataRequest { Topics = null }, 12);

        Assert.Equal((ApiKey.Metadata, (short)12), Assert.Single(unspoken));
        Assert.True(driver.IsClosed(connection));
    }

    [Fact]
    public void Throttle_time_is_the_brokers()
    {
        driver.Cluster.FindBroker(1)!.ThrottleMs = 250;

        Assert.Equal(250, driver.Ask(connection, new MetadataRequest { Topics = null }, 12).ThrottleTimeMs);
    }

    Fault IFaults.OnRequest(in RequestInfo request, long nowMs)
    {
        asked.Add(request.ApiKey);
        return next;
    }

    void IFaults.OnUnspoken(ApiKey apiKey, short version, int nodeId) => unspoken.Add((apiKey, version));

    void Send(Fault fault)
    {
        next = fault;
        driver.Send(connection, Requests.ProduceOf("payments", driver.Batch("a")), 12);
    }

    ProduceResponse.PartitionProduceResponse Answer() =>
        driver.Take(connection, new ProduceRequest(), 12).Responses[0].PartitionResponses[0];
}
