using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Cluster;

public sealed class CoordinatorMachineTests
{
    static readonly CoordinatorKey Group = CoordinatorKey.Group("realtime-risk");

    readonly ScriptedCluster _cluster = new();
    readonly MachineQueue _machines = new();
    readonly Effects _effects = new();
    readonly CoordinatorMachine _coordinators;
    int _changes;
    Instant _now = Instant.Start;
    Instant _next;

    public CoordinatorMachineTests()
    {
        _coordinators = new CoordinatorMachine(
            _cluster, TimeSpan.FromSeconds(30), new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), new RandomSource(1),
            () => _changes++);
        _machines.Add(_coordinators);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(short.MaxValue)]
    public void Coordinator_is_asked_for_in_the_form_of_each_version(short version)
    {
        _cluster.MaxVersion = version;
        Want();
        var request = _cluster.Take();
        var body = request.Read<FindCoordinatorRequest>();
        if (version < 4)
            Assert.Equal("realtime-risk", body.Key);
        else
            Assert.Equal(["realtime-risk"], body.CoordinatorKeys);
        request.Answer(Found(request, 7), _now);

        Assert.Equal(7, _coordinators.NodeOf(Group));
        Assert.Equal("host7", _cluster.View.Brokers[7].Host);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Many_who_want_one_coordinator_lead_to_one_request()
    {
        Want();
        Want();
        Assert.Single(_cluster.Sent);
    }

    [Fact]
    public void Passing_error_is_tried_again_after_a_pause_while_somebody_wants_it()
    {
        Want();
        var request = _cluster.Take();
        request.Answer(Failed(request, ErrorCode.CoordinatorNotAvailable), _now);
        Want();
        Assert.Empty(_cluster.Sent);
        Assert.InRange(_next - _now, TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(120));
        Pass(_next - _now);
        request = _cluster.Take();
        request.Answer(Found(request, 2), _now);
        Assert.Equal(2, _coordinators.NodeOf(Group));
    }

    [Fact]
    public void Look_up_that_nobody_waits_for_ends()
    {
        Want();
        var request = _cluster.Take();
        request.Answer(Failed(request, ErrorCode.CoordinatorNotAvailable), _now);
        Pass(TimeSpan.FromMinutes(1));

        Assert.Empty(_cluster.Sent);
        Assert.Equal(Instant.Never, _next);
    }

    [Fact]
    public void Lost_request_is_tried_again()
    {
        Want();
        _cluster.Take().Fail(RequestFailureReason.Lost, _now);
        Want();
        Pass(TimeSpan.FromSeconds(1));
        Assert.Single(_cluster.Sent);
    }

    [Fact]
    public void Refusal_is_kept_until_it_was_told()
    {
        Want();
        var request = _cluster.Take();
        request.Answer(Failed(request, ErrorCode.GroupAuthorizationFailed), _now);
        var refusal = _coordinators.RefusalOf(Group)!;
        Assert.Equal((RequestFailureReason.Refused, ErrorCode.GroupAuthorizationFailed), (refusal.Reason, refusal.Error));
        Assert.Contains("group 'realtime-risk'", refusal.Detail);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Empty(_cluster.Sent);

        _coordinators.ClearRefusal(Group);
        Want();
        Assert.Single(_cluster.Sent);
    }

    [Theory]
    [InlineData(-1, "host", 9092)]
    [InlineData(3, "", 9092)]
    [InlineData(3, "host", 0)]
    public void Answer_that_names_no_usable_broker_counts_as_a_failure(int nodeId, string host, int port)
    {
        Want();
        var request = _cluster.Take();
        var found = Found(request, nodeId);
        foreach (var row in found.Coordinators)
            (row.Host, row.Port) = (host, port);
        request.Answer(found, _now);
        Want();

        Assert.Equal(-1, _coordinators.NodeOf(Group));
        Assert.Empty(_cluster.Sent);
        Assert.True(_next > _now && _next != Instant.Never);
    }

    [Fact]
    public void Coordinator_is_forgotten_unless_another_took_its_place()
    {
        Want();
        var request = _cluster.Take();
        request.Answer(Found(request, 2), _now);
        _coordinators.Forget(Group, 1);
        _coordinators.ForgetNode(1);
        Assert.Equal(2, _coordinators.NodeOf(Group));
        _coordinators.ForgetNode(2);
        Assert.Equal(-1, _coordinators.NodeOf(Group));
    }

    [Fact]
    public void Transactional_ids_and_groups_of_one_name_are_apart()
    {
        _coordinators.Want(CoordinatorKey.Transaction("realtime-risk"));
        Want();
        Assert.Equal([0, 1], _cluster.Sent.Select(sent => (int)sent.Read<FindCoordinatorRequest>().KeyType));
    }

    void Want()
    {
        _coordinators.Want(Group);
        Poll();
    }

    void Pass(TimeSpan time)
    {
        _now += time;
        Poll();
    }

    void Poll() => _next = _machines.Poll(_now, _effects);

    static FindCoordinatorResponse Found(SentRequest request, int nodeId) => request.Version >= 4
        ? new() { Coordinators = [new() { Key = "realtime-risk", NodeId = nodeId, Host = $"host{nodeId}", Port = 9092 }] }
        : new() { NodeId = nodeId, Host = $"host{nodeId}", Port = 9092 };

    static FindCoordinatorResponse Failed(SentRequest request, ErrorCode error) => request.Version >= 4
        ? new() { Coordinators = [new() { Key = "realtime-risk", NodeId = -1, Port = -1, ErrorCode = error }] }
        : new() { NodeId = -1, Port = -1, ErrorCode = error };
}
