using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Tests.Connections;

/// <summary>Requests and answers on a connection that is ready.</summary>
public sealed class ConnectionExchangeTests
{
    readonly ConnectionRig _rig = new();

    public ConnectionExchangeTests() => _rig.Open();

    [Fact]
    public void Requests_leave_and_are_answered_in_order()
    {
        var requests = Enumerable.Range(0, 3).Select(_ => new TestRequest()).ToList();
        requests.ForEach(_rig.Connection.Send);
        _rig.Poll();
        var ids = Assert.Single(_rig.Sends).Select(frame => frame.CorrelationId).ToList();
        Assert.Equal([ids[0], ids[0] + 1, ids[0] + 2], ids);
        _rig.Sent();
        _rig.Receive([.. ConnectionRig.Frame(ids[0], 1), .. ConnectionRig.Frame(ids[1], 2), .. ConnectionRig.Frame(ids[2], 3)]);

        Assert.Equal(new byte[] { 1, 2, 3 }, requests.Select(request => Assert.Single(Assert.Single(request.Answers))));
    }

    [Fact]
    public void What_came_while_a_send_was_under_way_leaves_in_one_send()
    {
        _rig.Send();
        _rig.Send();
        _rig.Send();
        Assert.Single(_rig.Sends);
        _rig.Sent();

        Assert.Equal(2, _rig.Sends.Count);
        Assert.Equal(2, _rig.Sends[1].Length);
    }

    [Fact]
    public void No_more_than_the_limit_is_in_flight()
    {
        for (var i = 0; i < 8; i++)
            _rig.Send();
        _rig.Sent();
        _rig.Sent();
        Assert.Equal(5, _rig.Sends.Sum(send => send.Length));

        _rig.Answer(_rig.Sends[0][0].CorrelationId);
        Assert.Equal(6, _rig.Sends.Sum(send => send.Length));
    }

    [Fact]
    public void Answer_waits_until_its_request_has_left()
    {
        var request = _rig.Send(new TestRequest { Borrowed = new byte[100_000] });
        var (_, _, id) = _rig.Sends[0][0];
        _rig.Answer(id, 9);
        Assert.True(request.IsOpen);

        _rig.Sent();
        Assert.Equal([9], Assert.Single(request.Answers));
    }

    [Fact]
    public void Answers_that_wait_are_taken_in_order_and_nothing_is_received_over_them()
    {
        var requests = Enumerable.Range(0, 3).Select(_ => new TestRequest()).ToList();
        requests.ForEach(_rig.Connection.Send);
        _rig.Poll();
        var first = _rig.Sends[0][0].CorrelationId;
        byte[] answers = [.. ConnectionRig.Frame(first, new byte[9000]), .. ConnectionRig.Frame(first + 1, new byte[30_000]), .. ConnectionRig.Frame(first + 2, 5)];
        _rig.Receive(answers.AsSpan(0, 9008));
        Assert.False(_rig.IsLent);

        _rig.Sent();
        _rig.Receive(answers.AsSpan(9008));
        Assert.Equal([9000, 30_000, 1], requests.Select(request => Assert.Single(request.Answers).Length));
    }

    /// <summary>
    /// The story: the first bytes of a large answer arrive, and a receive for more of it is under way into the small buffer; then
    /// the transport says that the request has left. The rest comes to where the receive was lent.
    /// </summary>
    [Theory]
    [InlineData(4)]
    [InlineData(100)]
    [InlineData(16_000)]
    public void Large_answer_that_begins_before_its_request_has_left_is_whole(int early)
    {
        byte[] body = [.. Enumerable.Range(0, 40_000).Select(static i => (byte)(i * 7))];
        var request = _rig.Send();
        var answer = ConnectionRig.Frame(_rig.Sends[0][0].CorrelationId, body);
        _rig.Receive(answer.AsSpan(0, early));
        Assert.True(_rig.IsLent);
        _rig.Sent();
        _rig.Receive(answer.AsSpan(early));
        Assert.Equal(body, Assert.Single(request.Answers));
    }

    [Fact]
    public void Failed_send_leaves_the_fate_of_an_early_answer_unknown()
    {
        var request = _rig.Send();
        _rig.Answer(_rig.Sends[0][0].CorrelationId, 9);
        _rig.Sent(new IOException("reset"));
        Assert.True(request.IsOpen);
        _rig.Closed();

        Assert.Equal(RequestFailureReason.Lost, request.Failed);
        Assert.Empty(request.Answers);
    }

    [Fact]
    public void Abandoned_request_keeps_connection_open()
    {
        var (first, second) = (_rig.Send(), _rig.Send());
        _rig.Sent();
        _rig.Sent();
        first.Abandon();
        _rig.Answer(_rig.Sends[0][0].CorrelationId, 1);
        _rig.Answer(_rig.Sends[1][0].CorrelationId, 2);

        Assert.True(first.IsOpen);
        Assert.Equal([2], Assert.Single(second.Answers));
        Assert.Equal(0, _rig.Closes);
    }

    [Fact]
    public void Request_that_was_abandoned_before_it_was_written_is_not_written()
    {
        _rig.Send();
        var waiting = _rig.Send();
        waiting.Abandon();
        _rig.Sent();

        Assert.Single(_rig.Sends);
        Assert.True(waiting.IsOpen);
    }

    [Fact]
    public void Unknown_correlation_id_breaks_the_connection()
    {
        var (first, second) = (_rig.Send(), _rig.Send());
        _rig.Sent();
        _rig.Sent();
        _rig.Answer(_rig.Sends[1][0].CorrelationId, 1);
        Assert.Equal(1, _rig.Closes);
        Assert.True(first.IsOpen && second.IsOpen);
        _rig.Closed();

        Assert.Equal((RequestFailureReason.Malformed, RequestFailureReason.Lost), (first.Failed, second.Failed));
        Assert.Contains("correlation id", first.Failures[0].Detail);
    }

    [Fact]
    public void Answer_that_nobody_asked_for_breaks_the_connection()
    {
        _rig.Answer(77);
        Assert.Equal(1, _rig.Closes);
        _rig.Closed();
        Assert.Contains("none is expected", Assert.Single(_rig.Breaks).Detail);
    }

    [Fact]
    public void Repeated_answer_breaks_the_connection()
    {
        var request = _rig.Send();
        _rig.Sent();
        _rig.Answer(_rig.Sends[0][0].CorrelationId, 1);
        _rig.Answer(_rig.Sends[0][0].CorrelationId, 2);

        Assert.Equal([1], Assert.Single(request.Answers));
        Assert.Equal(1, _rig.Closes);
    }

    [Fact]
    public void Malformed_body_is_malformed_for_its_request_and_lost_for_the_rest()
    {
        var bad = new MalformedMessageException("MetadataResponse", 3, 17, "an array claims 2000000000 items");
        var requests = new[] { new TestRequest(), new TestRequest { AnswerError = bad }, new TestRequest(), new TestRequest() };
        foreach (var request in requests)
            _rig.Connection.Send(request);
        var waiting = new TestRequest(highest: 3);
        _rig.Poll();
        _rig.Connection.Send(waiting);
        _rig.Sent();
        var first = _rig.Sends[0][0].CorrelationId;
        _rig.Receive([.. ConnectionRig.Frame(first), .. ConnectionRig.Frame(first + 1), .. ConnectionRig.Frame(first + 2)]);
        Assert.Equal(1, _rig.Closes);
        Assert.Empty(requests[1].Failures);
        _rig.Closed();

        Assert.Single(requests[0].Answers);
        Assert.Equal(RequestFailureReason.Malformed, requests[1].Failed);
        Assert.Contains("MetadataResponse", requests[1].Failures[0].Detail);
        Assert.Equal([RequestFailureReason.Lost, RequestFailureReason.Lost], requests[2..].Select(request => request.Failed));
        Assert.All(requests[1..], request => Assert.True(request.Failures[0].MayHaveHappened));
    }

    [Fact]
    public void Bad_size_breaks_the_connection_and_says_what_it_looks_like()
    {
        var request = _rig.Send();
        _rig.Sent();
        _rig.Receive("HTTP/1.1 400 Bad Request"u8);
        _rig.Closed();

        Assert.Equal(RequestFailureReason.Malformed, request.Failed);
        Assert.Contains("HTTP server", request.Failures[0].Detail);
    }

    [Fact]
    public void Lost_connection_fails_nothing_before_it_is_closed()
    {
        var (inFlight, waiting) = (_rig.Send(), _rig.Send());
        _rig.EndOfStream();
        Assert.Equal(1, _rig.Closes);
        Assert.True(inFlight.IsOpen && waiting.IsOpen);
        _rig.Pass(TimeSpan.FromHours(1));
        Assert.True(inFlight.IsOpen && waiting.IsOpen);
        _rig.Closed();

        Assert.NotEqual(RequestFailureReason.NotSent, inFlight.Failed);
        Assert.True(inFlight.Failures[0].MayHaveHappened);
        Assert.Equal(RequestFailureReason.NotSent, waiting.Failed);
        Assert.False(waiting.Failures[0].MayHaveHappened);
    }

    [Fact]
    public void Request_that_waits_expires_while_the_connection_closes()
    {
        _rig.Send();
        var waiting = _rig.Send(new TestRequest { Deadline = _rig.Now + TimeSpan.FromSeconds(1) });
        _rig.EndOfStream();
        Assert.Equal(_rig.Now + TimeSpan.FromSeconds(1), _rig.Next);
        _rig.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(RequestFailureReason.Expired, waiting.Failed);
    }

    [Fact]
    public void Broker_that_does_not_answer_in_time_loses_its_connection()
    {
        var culprit = _rig.Send(new TestRequest { Timeout = TimeSpan.FromSeconds(5) });
        _rig.Sent();
        var other = _rig.Send();
        _rig.Sent();
        Assert.Equal(_rig.Now + TimeSpan.FromSeconds(5), _rig.Next);
        _rig.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(1, _rig.Closes);
        Assert.True(culprit.IsOpen && other.IsOpen);
        _rig.Closed();

        Assert.Equal((RequestFailureReason.TimedOut, RequestFailureReason.Lost), (culprit.Failed, other.Failed));
        Assert.Contains("RequestTimeout", Assert.Single(_rig.Breaks).Detail);
    }

    [Fact]
    public void Abandoned_request_that_is_not_answered_in_time_still_ends_the_connection()
    {
        _rig.Send().Abandon();
        _rig.Sent();
        _rig.Pass(TimeSpan.FromSeconds(30));

        Assert.Equal(1, _rig.Closes);
    }

    [Fact]
    public void Caller_out_of_time_is_told_and_the_connection_stays()
    {
        var request = _rig.Send(new TestRequest { Deadline = _rig.Now + TimeSpan.FromSeconds(3) });
        _rig.Sent();
        var next = _rig.Send();
        _rig.Sent();
        Assert.Equal(_rig.Now + TimeSpan.FromSeconds(3), _rig.Next);
        _rig.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(RequestFailureReason.TimedOut, request.Failed);

        _rig.Answer(_rig.Sends[0][0].CorrelationId, 1);
        _rig.Answer(_rig.Sends[1][0].CorrelationId, 2);
        Assert.Empty(request.Answers);
        Assert.Equal([2], Assert.Single(next.Answers));
        Assert.Equal(0, _rig.Closes);
    }

    [Fact]
    public void Caller_out_of_time_is_not_told_while_his_buffers_are_lent()
    {
        var request = _rig.Send(new TestRequest { Deadline = _rig.Now + TimeSpan.FromSeconds(3), Borrowed = new byte[10] });
        _rig.Pass(TimeSpan.FromSeconds(4));
        Assert.True(request.IsOpen);
        _rig.Sent();

        Assert.Equal(RequestFailureReason.TimedOut, request.Failed);
    }

    [Fact]
    public void Request_that_waits_too_long_is_not_written()
    {
        _rig.Send();
        var late = _rig.Send(new TestRequest { Deadline = _rig.Now + TimeSpan.FromSeconds(1) });
        Assert.Equal(_rig.Now + TimeSpan.FromSeconds(1), _rig.Next);
        _rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(RequestFailureReason.Expired, late.Failed);
        _rig.Sent();

        Assert.Single(_rig.Sends);
    }

    [Fact]
    public void Throttle_time_holds_what_comes_next_and_lets_deadlines_pass()
    {
        var request = _rig.Send(new TestRequest { Throttle = TimeSpan.FromDays(24) });
        _rig.Sent();
        _rig.Answer(_rig.Sends[0][0].CorrelationId);
        Assert.Single(request.Answers);

        var held = _rig.Send();
        var dated = _rig.Send(new TestRequest { Deadline = _rig.Now + TimeSpan.FromSeconds(1) });
        Assert.Single(_rig.Sends);
        _rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(RequestFailureReason.Expired, dated.Failed);
        Assert.Equal(Instant.Start + TimeSpan.FromDays(24), _rig.Next);
        _rig.Pass(TimeSpan.FromDays(24));

        Assert.Equal(2, _rig.Sends.Count);
        Assert.True(held.IsOpen);
    }

    [Fact]
    public void Throttle_time_of_an_answer_that_nobody_waits_for_holds_what_comes_next()
    {
        var request = _rig.Send(new TestRequest { Throttle = TimeSpan.FromSeconds(3) });
        _rig.Sent();
        request.Abandon();
        _rig.Answer(_rig.Sends[0][0].CorrelationId);
        Assert.Empty(request.Answers);

        _rig.Send();
        Assert.Single(_rig.Sends);
        _rig.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(2, _rig.Sends.Count);
    }

    [Fact]
    public void Throttled_connection_ends_at_once_when_the_client_closes()
    {
        _rig.Send(new TestRequest { Throttle = TimeSpan.FromDays(24) });
        _rig.Sent();
        _rig.Answer(_rig.Sends[0][0].CorrelationId);
        var held = _rig.Send();
        _rig.Connection.Abort(_rig.Now);
        _rig.Poll();
        _rig.Closed();

        Assert.Equal(RequestFailureReason.Closed, held.Failed);
    }

    [Fact]
    public void Request_without_answer_is_over_once_it_was_written()
    {
        var request = _rig.Send(new TestRequest { IsAnswered = false });
        Assert.True(request.IsOpen);
        _rig.Sent();

        Assert.True(request.IsWritten);
        Assert.Empty(request.Failures);
        Assert.Equal(0, _rig.Connection.Load);
    }

    [Fact]
    public void Request_without_answer_is_of_unknown_fate_when_the_send_fails()
    {
        var request = _rig.Send(new TestRequest { IsAnswered = false });
        _rig.Sent(new IOException("reset"));
        _rig.Closed();

        Assert.Equal(RequestFailureReason.Lost, request.Failed);
        Assert.False(request.IsWritten);
    }

    [Fact]
    public void Request_that_cannot_be_written_fails_alone()
    {
        var before = new TestRequest();
        var bad = new TestRequest { WriteError = new InvalidMessageException("MetadataRequest", 3, "Topics", "it is null") };
        var after = new TestRequest();
        _rig.Connection.Send(before);
        _rig.Connection.Send(bad);
        _rig.Connection.Send(after);
        _rig.Poll();

        Assert.Equal(RequestFailureReason.Unwritable, bad.Failed);
        Assert.Equal(2, Assert.Single(_rig.Sends).Length);
        Assert.True(before.IsOpen && after.IsOpen);
    }

    [Fact]
    public void Large_answer_comes_with_a_buffer_that_its_taker_may_keep()
    {
        var request = _rig.Send(new TestRequest { Largest = 200_000 });
        _rig.Sent();
        _rig.Answer(_rig.Sends[0][0].CorrelationId, [.. Enumerable.Range(0, 150_000).Select(i => (byte)i)]);

        Assert.Equal(Enumerable.Range(0, 150_000).Select(i => (byte)i), Assert.Single(request.Answers));
        Assert.NotNull(request.Lease);
        Assert.Equal(0, _rig.Pool.RentedCount);
    }
}
