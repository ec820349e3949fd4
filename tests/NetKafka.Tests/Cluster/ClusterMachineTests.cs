using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Connections;

namespace NetKafka.Tests.Cluster;

/// <summary>The way of a request to its broker, over a cluster of hosts that are answered for by hand.</summary>
public sealed class ClusterMachineTests : IClusterListener
{
    static readonly CoordinatorKey Group = CoordinatorKey.Group("realtime-risk");
    static readonly LaneKey Lane = new(LaneRole.Group, 1);

    readonly ClusterRig _rig = new("boot");
    readonly List<ClusterView> _views = [];

    public ClusterMachineTests()
    {
        _rig.Hosts["boot"] = -1;
        _rig.Hosts["one"] = 1;
        _rig.Hosts["two"] = 2;
        _rig.Cluster.Subscribe(this);
        _rig.Run();
    }

    void IClusterListener.OnClusterChanged(ClusterView view) => _views.Add(view);

    [Fact]
    public void Nothing_is_dialled_before_something_is_asked() => Assert.Empty(_rig.Dials);

    [Fact]
    public void First_question_goes_to_the_bootstrap_list_and_brings_the_view()
    {
        Learn();
        Assert.Equal(["boot"], _rig.Dials);
        Assert.Equal([1, 2], _views[^1].Brokers.Keys);
    }

    [Fact]
    public void Request_for_a_known_broker_goes_there_on_its_own_lane()
    {
        Learn();
        var heartbeat = Send(RequestTarget.Broker(2), Lane);
        var other = Send(RequestTarget.Broker(2), LaneKey.Admin);

        Assert.Single(heartbeat.Answers);
        Assert.Single(other.Answers);
        Assert.Equal(["boot", "two", "two"], _rig.Dials);
    }

    [Fact]
    public void Request_for_a_broker_that_is_gone_was_not_sent()
    {
        Learn();
        var request = new TestRequest(ApiKey.Heartbeat);
        _rig.Cluster.Send(request, RequestTarget.Broker(9), Lane);
        Assert.True(request.IsOpen);
        _rig.Run();

        Assert.Equal(RequestFailureReason.NotSent, request.Failed);
        Assert.Contains("no broker with the id 9", request.Failures[0].Detail);
    }

    [Fact]
    public void Request_for_a_coordinator_waits_until_it_is_found()
    {
        Learn();
        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = 2, Host = "two", Port = 9092 }] };
        var request = Send(RequestTarget.Coordinator(Group), Lane);

        Assert.Single(request.Answers);
        Assert.Equal("2 Heartbeat", _rig.Asked[^1]);
        Assert.Equal(2, _rig.Cluster.CoordinatorOf(Group));
    }

    [Fact]
    public void Request_that_waits_for_its_coordinator_expires_at_its_deadline()
    {
        Learn();
        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = -1, Port = -1, ErrorCode = ErrorCode.CoordinatorNotAvailable }] };
        var request = new TestRequest(ApiKey.Heartbeat) { Deadline = _rig.Now + TimeSpan.FromSeconds(3) };
        Send(RequestTarget.Coordinator(Group), Lane, request);
        while (request.IsOpen)
        {
            Assert.True(_rig.Next <= Instant.Start + TimeSpan.FromSeconds(3));
            _rig.Pass(_rig.Next - _rig.Now);
        }
        Assert.Equal(RequestFailureReason.Expired, request.Failed);
        Assert.Equal(Instant.Start + TimeSpan.FromSeconds(3), _rig.Now);

        _rig.Pass(TimeSpan.FromSeconds(2));
        var asked = _rig.Asked.Count;
        _rig.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(asked, _rig.Asked.Count);
    }

    [Fact]
    public void Refused_coordinator_fails_all_who_wait_and_the_next_one_asks_anew()
    {
        Learn();
        var looks = 0;
        _rig.Coordinator = () =>
        {
            looks++;
            return new() { Coordinators = [new() { Key = "realtime-risk", NodeId = -1, Port = -1, ErrorCode = ErrorCode.GroupAuthorizationFailed }] };
        };
        var (first, second) = (new TestRequest(ApiKey.Heartbeat), new TestRequest(ApiKey.Heartbeat));
        _rig.Cluster.Send(first, RequestTarget.Coordinator(Group), Lane);
        Send(RequestTarget.Coordinator(Group), Lane, second);

        Assert.Equal((RequestFailureReason.Refused, RequestFailureReason.Refused), (first.Failed, second.Failed));
        Assert.Equal(ErrorCode.GroupAuthorizationFailed, first.Failures[0].Error);
        Assert.Equal(1, looks);
        Assert.Equal(RequestFailureReason.Refused, Send(RequestTarget.Coordinator(Group), Lane).Failed);
        Assert.Equal(2, looks);
    }

    [Fact]
    public void Failed_dial_clears_the_coordinator()
    {
        Learn();
        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = 2, Host = "two", Port = 9092 }] };
        Send(RequestTarget.Coordinator(Group), Lane);
        _rig.Kill("two");
        Assert.Equal(RequestFailureReason.NotSent, SendLate(RequestTarget.Coordinator(Group)).Failed);
        Assert.Equal(-1, _rig.Cluster.CoordinatorOf(Group));

        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = 1, Host = "one", Port = 9092 }] };
        Assert.Single(SendLate(RequestTarget.Coordinator(Group)).Answers);
        Assert.Equal(1, _rig.Cluster.CoordinatorOf(Group));
    }

    [Fact]
    public void Coordinator_that_the_cluster_no_longer_names_is_looked_up_anew()
    {
        Learn();
        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = 3, Host = "three", Port = 9092 }] };
        _rig.Hosts["three"] = -1;
        Assert.Single(Send(RequestTarget.Coordinator(Group), Lane).Answers);
        _rig.Cluster.Refresh(_rig.Cluster.View.Generation);
        _rig.Pass(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(3, _rig.Cluster.View.Brokers.Keys);

        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = 1, Host = "one", Port = 9092 }] };
        Assert.Single(Send(RequestTarget.Coordinator(Group), Lane).Answers);
        Assert.Equal("1 Heartbeat", _rig.Asked[^1]);
    }

    [Fact]
    public void Metadata_that_hangs_at_a_dead_broker_does_not_block_the_coordinator()
    {
        Learn();
        _rig.Silent.Add("boot");
        _rig.Cluster.Refresh(_rig.Cluster.View.Generation);
        _rig.Pass(TimeSpan.FromSeconds(1));
        _rig.Coordinator = () => new() { Coordinators = [new() { Key = "realtime-risk", NodeId = 2, Host = "two", Port = 9092 }] };
        Send(RequestTarget.Broker(1), LaneKey.Control);
        var request = Send(RequestTarget.Coordinator(Group), Lane);

        Assert.Single(request.Answers);
        Assert.Contains("1 FindCoordinator", _rig.Asked);
    }

    [Fact]
    public void Controller_is_the_one_that_the_newest_metadata_names()
    {
        var request = new TestRequest(ApiKey.CreateTopics);
        _rig.ControllerId = 2;
        Send(RequestTarget.Controller, LaneKey.Admin, request);

        Assert.Single(request.Answers);
        Assert.Equal("2 CreateTopics", _rig.Asked[^1]);
    }

    [Fact]
    public void Dead_bootstrap_server_does_not_hide_the_others()
    {
        var rig = new ClusterRig("dead", "boot");
        rig.Hosts["boot"] = -1;
        rig.Hosts["one"] = 1;
        rig.Cluster.Watch("payments");
        rig.Run();
        for (var i = 0; i < 20 && rig.Cluster.View.Brokers.Count == 0; i++)
            rig.Pass(rig.Next - rig.Now);

        Assert.Equal([1], rig.Cluster.View.Brokers.Keys);
    }

    [Fact]
    public void Client_starts_from_the_bootstrap_list_again_when_all_it_knows_is_gone()
    {
        Learn();
        _rig.Kill("boot");
        _rig.Kill("one");
        _rig.Kill("two");
        _rig.Cluster.Refresh(_rig.Cluster.View.Generation);
        _rig.Pass(TimeSpan.FromSeconds(1));
        _rig.Hosts["boot"] = -1;
        _rig.Hosts["three"] = 3;
        for (var i = 0; i < 200 && !_rig.Cluster.View.Brokers.ContainsKey(3); i++)
            _rig.Pass(_rig.Next - _rig.Now);

        Assert.Equal([3], _rig.Cluster.View.Brokers.Keys);
    }

    [Fact]
    public void Client_that_is_never_to_begin_again_asks_the_brokers_that_it_knows()
    {
        var rig = new ClusterRig(Timeout.InfiniteTimeSpan, "boot");
        rig.Hosts["boot"] = -1;
        rig.Hosts["one"] = 1;
        rig.Cluster.Watch("payments");
        rig.Run();
        rig.Kill("boot");
        rig.Kill("one");
        rig.Dials.Clear();
        rig.Cluster.Refresh(rig.Cluster.View.Generation);
        for (var i = 0; i < 50; i++)
            rig.Pass(rig.Next == Instant.Never ? TimeSpan.FromMinutes(1) : rig.Next - rig.Now);

        Assert.NotEmpty(rig.Dials);
        Assert.DoesNotContain("boot", rig.Dials);
        Assert.Equal([1], rig.Cluster.View.Brokers.Keys);
    }

    [Fact]
    public void Client_tells_its_name_and_version_where_brokers_take_them()
    {
        Learn();
        var (name, version) = Assert.Single(_rig.Software);
        Assert.Equal("netkafka", name);
        Assert.Matches("^[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?$", version);
    }

    [Fact]
    public void Connection_says_whom_it_looks_for_once_that_is_known_and_the_broker_can_hear_it()
    {
        (_rig.VersionsVersion, _rig.ClusterId) = (5, "cluster-1");
        Learn();
        Send(RequestTarget.Broker(2), Lane);
        Assert.Equal(new List<(string?, int)> { (null, -1), ("cluster-1", 2) }, _rig.Meant);
    }

    [Fact]
    public void Broker_that_is_not_the_one_looked_for_leads_back_to_the_bootstrap_list()
    {
        (_rig.VersionsVersion, _rig.ClusterId) = (5, "cluster-1");
        Learn();
        _rig.Misrouted.Add("two");
        var request = Send(RequestTarget.Broker(2), Lane);
        Assert.Empty(request.Answers);
        _rig.Hosts["moved"] = 2;
        _rig.Hosts.Remove("two");
        for (var i = 0; i < 200 && !_rig.Dials.Contains("moved"); i++)
        {
            _rig.Pass(_rig.Next - _rig.Now);
            if (_rig.Cluster.View.Brokers.ContainsKey(2))
                Send(RequestTarget.Broker(2), Lane);
        }

        Assert.Contains("moved", _rig.Dials);
    }

    [Fact]
    public void Lane_of_an_owner_that_is_gone_closes_and_the_others_stay()
    {
        Learn();
        Send(RequestTarget.Broker(2), Lane);
        Send(RequestTarget.Broker(2), new LaneKey(LaneRole.Group, 2));
        var open = _rig.Directory.Count;
        _rig.Cluster.CloseLane(Lane);
        _rig.Run();

        Assert.Equal(open - 1, _rig.Directory.Count);
    }

    [Fact]
    public void Closing_ends_connections_that_were_given_up_before_too()
    {
        Learn();
        _rig.Silent.Add("two");
        var parked = Send(RequestTarget.Broker(2), Lane);
        _rig.Cluster.CloseLane(Lane);
        _rig.Run();
        Assert.True(parked.IsOpen);
        _rig.Cluster.Close(_rig.Now);
        _rig.Run();

        Assert.Equal(RequestFailureReason.Closed, parked.Failed);
        Assert.True(parked.Failures[0].MayHaveHappened);
        Assert.Equal(0, _rig.Directory.Count);
    }

    [Fact]
    public void Request_after_the_close_fails_as_closed()
    {
        Learn();
        _rig.Cluster.Close(_rig.Now);
        _rig.Run();

        Assert.Equal(RequestFailureReason.Closed, Send(RequestTarget.AnyBroker, Lane).Failed);
        Assert.Equal(RequestFailureReason.Closed, Send(RequestTarget.Coordinator(Group), Lane).Failed);
    }

    [Fact]
    public void Version_at_a_connected_broker_is_known()
    {
        Learn();
        Assert.Equal(-1, _rig.Cluster.VersionAt(2, ApiKey.Heartbeat));
        Send(RequestTarget.Broker(2), Lane);
        Assert.Equal(4, _rig.Cluster.VersionAt(2, ApiKey.Heartbeat));
        Assert.Equal(-1, _rig.Cluster.VersionAt(2, ApiKey.Produce));
    }

    void Learn()
    {
        _rig.Cluster.Watch("payments");
        _rig.Run();
        Assert.Equal(2, _rig.Cluster.View.Brokers.Count);
    }

    TestRequest Send(RequestTarget target, LaneKey lane, TestRequest? request = null)
    {
        request ??= new TestRequest(ApiKey.Heartbeat);
        _rig.Cluster.Send(request, target, lane);
        _rig.Run();
        return request;
    }

    /// <summary>Sends once every pause is over, and lets what follows from it happen.</summary>
    TestRequest SendLate(RequestTarget target)
    {
        _rig.Pass(TimeSpan.FromSeconds(2));
        var request = Send(target, Lane);
        for (var i = 0; i < 50 && request.IsOpen; i++)
            _rig.Pass(_rig.Next - _rig.Now);
        return request;
    }
}
