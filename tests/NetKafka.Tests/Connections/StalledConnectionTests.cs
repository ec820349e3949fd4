using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Connections;

/// <summary>A connection whose peer, or whose socket, says nothing at all.</summary>
public sealed class StalledConnectionTests : IConnectionOwner
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    readonly MachineQueue _machines = new();
    readonly ConnectionDirectory _directory = new();
    readonly Effects _effects = new();
    readonly ConnectionMachine _connection;
    Instant _now = Instant.Start;
    Instant _next;
    RequestFailure? _failure;

    public StalledConnectionTests()
    {
        var settings = new ConnectionSettings(
            "tests", TimeSpan.FromSeconds(10), System.Threading.Timeout.InfiniteTimeSpan,
            new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)), 1024 * 1024, true, new SlabPool(1024), new RandomSource(1));
        _connection = new ConnectionMachine("broker", 9092, 1, 5, settings, _directory, this);
        _machines.Add(_connection);
    }

    [Fact]
    public void Request_whose_send_never_ends_runs_out_of_time()
    {
        Open();
        _connection.Send(Ask());
        Poll();
        Assert.Equal(_now + Timeout, _next);

        Pass(Timeout);
        Assert.Contains(EffectKind.Close, Kinds());
        _connection.OnClosed(_now);
        Assert.Equal(RequestFailureReason.TimedOut, _failure?.Reason);
    }

    [Fact]
    public void Request_without_answer_whose_send_never_ends_runs_out_of_time()
    {
        Open();
        _connection.Send(new Unanswered(failure => _failure = failure) { Timeout = Timeout });
        Poll();
        Assert.Equal(_now + Timeout, _next);

        Pass(Timeout);
        Assert.Contains(EffectKind.Close, Kinds());
        _connection.OnClosed(_now);
        Assert.Equal(RequestFailureReason.Lost, _failure?.Reason);
    }

    [Fact]
    public void Closing_connection_waits_for_the_transport_however_late_its_requests_are()
    {
        Open();
        _connection.Send(Ask());
        Poll();
        Pass(Timeout);
        _connection.OnReceived(0, new IOException("aborted"), _now);
        Poll();
        Assert.Null(_failure);
        Assert.Equal(Instant.Never, _next);
    }

    void IConnectionOwner.OnReady(ConnectionMachine connection, Instant now)
    {
    }

    void IConnectionOwner.OnBroken(ConnectionMachine connection, RequestFailure failure, Instant now)
    {
    }

    Exchange<MetadataRequest, MetadataResponse> Ask() =>
        new(new MetadataRequest(), outcome => _failure = outcome.Failure) { Timeout = Timeout };

    /// <summary>Makes the connection ready: connected, asked for versions, answered.</summary>
    void Open()
    {
        var first = Ask();
        _connection.Send(first);
        Poll();
        first.Abandon();
        _connection.OnConnected(null, _now);
        Poll();
        var versions = new ApiVersionsResponse { ApiKeys = [new() { ApiKey = (short)ApiKey.Metadata, MinVersion = 0, MaxVersion = 13 }] };
        var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt32(1);
        versions.Write(writer, ApiVersionsRequest.HighestStableVersion);
        writer.PatchInt32(0, writer.Length - 4);
        _connection.OnSent(null, _now);
        writer.WrittenSpan.CopyTo(LentBuffer());
        _connection.OnReceived(writer.Length, null, _now);
        Poll();
    }

    Span<byte> LentBuffer()
    {
        for (var i = _effects.Count - 1; i >= 0; i--)
        {
            if (_effects[i].Kind == EffectKind.Receive)
                return ((byte[])_effects[i].Payload!).AsSpan(_effects[i].Offset, _effects[i].Count);
        }
        throw new InvalidOperationException("The connection does not receive.");
    }

    void Pass(TimeSpan time)
    {
        _now += time;
        Poll();
    }

    void Poll()
    {
        _effects.Clear();
        _next = _machines.Poll(_now, _effects);
    }

    IEnumerable<EffectKind> Kinds()
    {
        for (var i = 0; i < _effects.Count; i++)
            yield return _effects[i].Kind;
    }

    /// <summary>A request of the kind that brokers do not answer.</summary>
    sealed class Unanswered(Action<RequestFailure> onFailure) : BrokerRequest
    {
        public override ApiKey ApiKey => ApiKey.Metadata;

        public override short LowestVersion => 0;

        public override short HighestVersion => 0;

        public override bool HasAnswer => false;

        public override short RequestHeaderVersion(short version) => 1;

        public override short ResponseHeaderVersion(short version) => 0;

        public override void Write(SendBuffer buffer, short version) => buffer.Writer.WriteInt32(0);

        public override TimeSpan OnAnswer(in Answer answer) => TimeSpan.Zero;

        public override void OnFailure(RequestFailure failure, Instant now) => onFailure(failure);
    }
}
