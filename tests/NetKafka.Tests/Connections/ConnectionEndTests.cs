using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Connections;

/// <summary>Planned and unplanned ends of a connection.</summary>
public sealed class ConnectionEndTests
{
    readonly ConnectionRig _rig = new();

    [Fact]
    public void Idle_connection_stays_open_as_long_as_it_is_needed()
    {
        _rig.Open();
        _rig.Connection.IsNeeded = true;
        _rig.Poll();
        Assert.Equal(Instant.Never, _rig.Next);
        _rig.Pass(2 * ConnectionRig.MaxIdle);
        Assert.Equal((ConnectionState.Ready, 0), (_rig.Connection.State, _rig.Closes));
        _rig.Connection.IsNeeded = false;
        _rig.Poll();
        Assert.Equal(1, _rig.Closes);
        _rig.Closed();
        Assert.Empty(_rig.Breaks);
    }

    [Fact]
    public void Idle_connection_closes_as_planned_and_nobody_hears_of_a_failure()
    {
        _rig.Open();
        Assert.Equal(_rig.Now + ConnectionRig.MaxIdle, _rig.Next);
        _rig.Pass(ConnectionRig.MaxIdle);
        Assert.Equal(1, _rig.Closes);
        _rig.Closed();
        Assert.Equal(ConnectionState.Idle, _rig.Connection.State);
        Assert.Empty(_rig.Breaks);

        _rig.Send();
        Assert.Equal(ConnectionState.Connecting, _rig.Connection.State);
    }

    [Fact]
    public void Traffic_puts_the_idle_close_off()
    {
        _rig.Open();
        _rig.Pass(ConnectionRig.MaxIdle / 2);
        _rig.Send();
        _rig.Sent();
        _rig.Pass(TimeSpan.FromSeconds(1));
        _rig.Answer(_rig.Sends[0][0].CorrelationId);

        Assert.Equal(_rig.Now + ConnectionRig.MaxIdle, _rig.Next);
    }

    [Fact]
    public void Request_that_comes_while_the_idle_connection_closes_opens_it_again_at_once()
    {
        _rig.Open();
        _rig.Pass(ConnectionRig.MaxIdle);
        var request = _rig.Send();
        _rig.Closed();

        Assert.Equal(ConnectionState.Connecting, _rig.Connection.State);
        Assert.True(request.IsOpen);
    }

    [Fact]
    public void Broken_connection_is_opened_again_after_a_pause_when_it_is_wanted()
    {
        _rig.Open();
        _rig.EndOfStream();
        _rig.Closed();
        Assert.Single(_rig.Connects);
        Assert.Equal(Instant.Never, _rig.Next);

        _rig.Send();
        Assert.InRange(_rig.Next - _rig.Now, TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(60));
        _rig.Pass(_rig.Next - _rig.Now);
        Assert.Equal(2, _rig.Connects.Count);
    }

    [Fact]
    public void Late_event_of_an_earlier_attempt_finds_nobody()
    {
        _rig.Open();
        Assert.Same(_rig.Connection, _rig.Directory.Find(1));
        _rig.EndOfStream();
        _rig.Closed();
        Assert.Null(_rig.Directory.Find(1));
        _rig.Send();
        _rig.Pass(ConnectionRig.LongestBackoff);

        Assert.Null(_rig.Directory.Find(1));
        Assert.Same(_rig.Connection, _rig.Directory.Find(2));
    }

    [Fact]
    public void Retired_connection_ends_once_what_is_under_way_has_ended()
    {
        _rig.Open();
        var (inFlight, waiting) = (_rig.Send(), _rig.Send());
        _rig.Connection.Retire(_rig.Now);
        _rig.Sent();
        Assert.Equal(ConnectionState.Draining, _rig.Connection.State);
        Assert.Single(_rig.Sends);
        _rig.Answer(_rig.Sends[0][0].CorrelationId, 1);
        Assert.Single(inFlight.Answers);
        Assert.Equal(1, _rig.Closes);
        _rig.Closed();

        Assert.Equal(RequestFailureReason.NotSent, waiting.Failed);
        Assert.True(_rig.Connection.IsOver);
        Assert.Equal(RequestFailureReason.NotSent, _rig.Send().Failed);
    }

    [Fact]
    public void Broker_that_moved_is_followed_once_what_is_under_way_has_ended()
    {
        _rig.Open();
        var (inFlight, waiting) = (_rig.Send(), _rig.Send());
        _rig.Connection.MoveTo("elsewhere", 9093, _rig.Now);
        _rig.Sent();
        _rig.Answer(_rig.Sends[0][0].CorrelationId, 1);
        _rig.Closed();

        Assert.Single(inFlight.Answers);
        Assert.True(waiting.IsOpen);
        Assert.Equal("elsewhere:9093", _rig.Connects[^1].ToString());
        Assert.Empty(_rig.Breaks);
    }

    [Fact]
    public void Move_to_the_same_place_changes_nothing()
    {
        _rig.Open();
        _rig.Connection.MoveTo("broker", 9092, _rig.Now);
        _rig.Poll();
        Assert.Equal(ConnectionState.Ready, _rig.Connection.State);
    }

    [Fact]
    public void Abort_fails_what_waits_as_closed_and_what_was_written_as_of_unknown_fate()
    {
        _rig.Open();
        var (inFlight, waiting) = (_rig.Send(), _rig.Send());
        _rig.Connection.Abort(_rig.Now);
        _rig.Poll();
        Assert.True(inFlight.IsOpen && waiting.IsOpen);
        _rig.Closed();

        Assert.Equal((RequestFailureReason.Closed, RequestFailureReason.Closed), (inFlight.Failed, waiting.Failed));
        Assert.Equal((true, false), (inFlight.Failures[0].MayHaveHappened, waiting.Failures[0].MayHaveHappened));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Abort_during_the_setup_closes_and_fails_what_waits(int steps)
    {
        var rig = new ConnectionRig(resolvesHosts: false);
        var request = rig.Send();
        if (steps > 0)
            rig.Resolved("10.0.0.1");
        if (steps > 1)
            rig.Connected();
        rig.Connection.Abort(rig.Now);
        rig.Poll();
        Assert.Equal(1, rig.Closes);
        rig.Closed();

        Assert.Equal(RequestFailureReason.Closed, request.Failed);
        Assert.Equal(ConnectionState.Idle, rig.Connection.State);
        Assert.Equal(0, rig.Directory.Count);
    }

    [Fact]
    public void Buffers_of_a_half_received_answer_go_back_with_the_connection()
    {
        _rig.Open();
        _rig.Send(new TestRequest { Largest = 100_000 });
        _rig.Sent();
        _rig.Receive(ConnectionRig.Frame(_rig.Sends[0][0].CorrelationId, new byte[50_000]).AsSpan(0, 20_000));
        Assert.Equal(1, _rig.Pool.RentedCount);
        _rig.EndOfStream();
        Assert.Equal(1, _rig.Pool.RentedCount);
        _rig.Closed();

        Assert.Equal(0, _rig.Pool.RentedCount);
    }
}
