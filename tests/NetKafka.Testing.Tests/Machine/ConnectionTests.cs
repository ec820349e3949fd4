using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class ConnectionTests
{
    readonly MachineDriver driver = new();

    [Fact]
    public void Request_in_single_bytes_is_answered_as_in_one_piece()
    {
        var whole = driver.Connect();
        var pieces = driver.Connect();
        var request = new MetadataRequest { Topics = null };
        var expected = driver.Ask(whole, request, 12);

        foreach (var b in driver.Frame(request, 12))
            driver.Machine.Receive(pieces, [b], driver.NowMs);

        Assert.Equal(expected.ClusterId, driver.Take(pieces, request, 12).ClusterId);
    }

    [Fact]
    public void Answers_leave_in_the_order_of_the_requests()
    {
        driver.CreateTopic("payments");
        var connection = driver.Connect();
        driver.Send(connection, Requests.FetchOf("payments", 0, maxWaitMs: 500), 12);
        driver.Send(connection, new MetadataRequest { Topics = null }, 12);

        Assert.False(driver.HasAnswer(connection));
        driver.Pass(500);

        Assert.Equal(1, CorrelationOf(connection));
        Assert.Equal(2, CorrelationOf(connection));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(100 * 1024 * 1024 + 1)]
    [InlineData(0)]
    [InlineData(7)]
    public void Frame_of_an_impossible_length_closes_its_connection_only(int length)
    {
        var bad = driver.Connect();
        var good = driver.Connect();
        var frame = new byte[64];
        BinaryPrimitives.WriteInt32BigEndian(frame, length);

        driver.Machine.Receive(bad, frame, driver.NowMs);

        Assert.True(driver.IsClosed(bad));
        Assert.False(driver.IsClosed(good));
        Assert.Equal(1, driver.Ask(good, new MetadataRequest { Topics = null }, 12).ControllerId);
    }

    [Fact]
    public void Cut_body_closes_the_connection()
    {
        var connection = driver.Connect();
        var frame = driver.Frame(new MetadataRequest { Topics = [new() { Name = "payments" }] }, 12)[..^4];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);

        driver.Machine.Receive(connection, frame, driver.NowMs);

        Assert.True(driver.IsClosed(connection));
    }

    [Fact]
    public void Body_with_bytes_left_over_closes_the_connection()
    {
        var connection = driver.Connect();
        byte[] frame = [.. driver.Frame(new MetadataRequest { Topics = null }, 12), 0];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);

        driver.Machine.Receive(connection, frame, driver.NowMs);

        Assert.True(driver.IsClosed(connection));
    }

    [Fact]
    public void Unknown_api_closes_the_connection()
    {
        var connection = driver.Connect();
        var frame = driver.Frame(new MetadataRequest { Topics = null }, 12);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), 9999);

        driver.Machine.Receive(connection, frame, driver.NowMs);

        Assert.True(driver.IsClosed(connection));
    }

    [Fact]
    public void Version_that_is_not_announced_closes_the_connection()
    {
        driver.Cluster.Settings.ApiVersionLimits[(short)ApiKey.Metadata] = (0, 8);
        var connection = driver.Connect();

        driver.Send(connection, new MetadataRequest { Topics = null }, 9);

        Assert.True(driver.IsClosed(connection));
    }

    [Fact]
    public void Connection_to_a_stopped_broker_is_refused_until_it_starts()
    {
        var before = driver.Connect();
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(1, driver.NowMs));

        Assert.True(driver.IsClosed(before));
        Assert.Equal(-1, driver.Connect());

        driver.Machine.Operate(driver.NowMs, cluster => cluster.StartBroker(1, driver.NowMs));
        Assert.True(driver.Connect() > 0);
    }

    [Fact]
    public void Unread_answers_stop_the_handling_of_requests()
    {
        driver.CreateTopic("payments");
        var connection = driver.Connect();
        driver.Produce(connection, "payments", driver.Batch(new string('x', 600_000)));
        for (var i = 0; i < 5; i++)
            driver.Send(connection, Requests.FetchOf("payments", 0), 12);

        var answers = 0;
        var buffered = driver.Machine.WantsInput(connection);
        while (driver.TryTake(connection, out _))
            answers++;

        Assert.True(buffered);
        Assert.Equal(5, answers);
    }

    int CorrelationOf(int connection)
    {
        Assert.True(driver.TryTake(connection, out var frame));
        return BinaryPrimitives.ReadInt32BigEndian(frame.Span[4..]);
    }
}
