using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Network;

/// <summary>A connection holds its client to the contract: what is lent to a send stays as it is until the send is over.</summary>
public sealed class SimConnectionTests
{
    static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    readonly SimScheduler _scheduler = new(new RandomSource(1), PickOrder.Any, null);
    readonly Violations _violations = new();
    readonly Sink _sink = new();
    readonly SendBuffer _buffer = new(64);
    readonly SimTime _time;
    readonly SimConnection _connection;

    public SimConnectionTests()
    {
        _time = new SimTime(_scheduler, new RandomSource(2), 0);
        var machine = new ClusterMachine(new ClusterSettings(), 1);
        machine.Operate(0, static cluster => cluster.AddBroker(1, "one", SimNetwork.Port));
        var settings = new NetworkSettings
        {
            LatencyTicks = 5_000, JitterTicks = 0, ShortReadPercent = 0, SplitSendPercent = 0, UnbufferedPercent = 0, ResolvesHosts = false,
        };
        var network = new SimNetwork(_scheduler, machine, settings, new RandomSource(3))
        {
            Watch = new WireWatch(new SequenceChecker(machine.Cluster, _violations), new ThrottleChecker(machine.Cluster, _violations), _violations),
        };
        _connection = new SimConnection(network, _sink, 1, 1, "client");
        _buffer.Writer.WriteInt64(1);
        _buffer.Complete();
    }

    [Fact]
    public void Bytes_that_change_before_their_client_hears_that_they_are_sent_are_found()
    {
        Run(() =>
        {
            _connection.Send(_buffer);
            Change();
            return WaitFor(LoopEventKind.Sent);
        });
        Assert.Equal("P22 buffers stay lent", Assert.Single(_violations.Kept).Property);
    }

    [Fact]
    public void Bytes_that_change_while_a_connection_closes_are_found()
    {
        Run(() =>
        {
            _connection.Connect(isLost: true);
            _connection.Send(_buffer);
            _connection.Close();
            Change();
            return WaitFor(LoopEventKind.Closed);
        });
        Assert.Equal("P22 buffers stay lent", Assert.Single(_violations.Kept).Property);
    }

    [Fact]
    public void Bytes_are_their_clients_again_once_it_has_heard_that_they_are_sent()
    {
        Run(async () =>
        {
            _connection.Connect(isLost: true);
            _connection.Send(_buffer);
            await WaitFor(LoopEventKind.Sent);
            Change();
            _connection.Close();
            await WaitFor(LoopEventKind.Closed);
        });
        Assert.Empty(_violations.Kept);
    }

    void Run(Func<Task> application) => _scheduler.Run(application, Bound.Ticks);

    void Change() => _buffer.Writer.GetBuffer()[0]++;

    async Task WaitFor(LoopEventKind kind)
    {
        while (!_sink.Kinds.Contains(kind))
            await Task.Delay(TimeSpan.FromMilliseconds(1), _time);
    }

    sealed class Sink : IEventSink
    {
        public List<LoopEventKind> Kinds { get; } = [];

        public void Post(in LoopEvent item) => Kinds.Add(item.Kind);
    }
}
