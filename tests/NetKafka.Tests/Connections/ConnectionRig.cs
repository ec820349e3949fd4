using System.Buffers.Binary;
using System.Net;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Connections;

/// <summary>One connection whose transport is played by hand: effects are noted, and events come when the test says so.</summary>
sealed class ConnectionRig : IConnectionOwner
{
    public static readonly TimeSpan SetupTimeout = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan MaxIdle = TimeSpan.FromMinutes(9);
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1.2);

    readonly MachineQueue _machines = new();
    readonly Effects _effects = new();
    ArraySegment<byte>? _lent;

    public ConnectionRig(bool resolvesHosts = true, int maxInFlight = 5, int maxResponseBytes = 1024 * 1024)
    {
        var settings = new ConnectionSettings(
            "tests", SetupTimeout, MaxIdle, new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)), maxResponseBytes,
            resolvesHosts, Pool, new RandomSource(1));
        Connection = new ConnectionMachine("broker", 9092, 1, maxInFlight, settings, Directory, this);
        _machines.Add(Connection);
    }

    public SlabPool Pool { get; } = new(1 << 20);

    public ConnectionDirectory Directory { get; } = new();

    public ConnectionMachine Connection { get; }

    public Instant Now { get; private set; } = Instant.Start;

    /// <summary>When the machine wants to be asked again.</summary>
    public Instant Next { get; private set; }

    public List<ConnectTarget> Connects { get; } = [];

    public List<string> Resolves { get; } = [];

    /// <summary>The frames of each send, oldest first: api, version, correlation id.</summary>
    public List<(ApiKey Api, short Version, int CorrelationId)[]> Sends { get; } = [];

    public int Receives { get; private set; }

    public int Closes { get; private set; }

    public int Lines { get; private set; }

    public int TimesReady { get; private set; }

    public List<RequestFailure> Breaks { get; } = [];

    public bool IsLent => _lent is not null;

    public void OnReady(ConnectionMachine connection, Instant now) => TimesReady++;

    public void OnBroken(ConnectionMachine connection, RequestFailure failure, Instant now) => Breaks.Add(failure);

    public TestRequest Send(TestRequest? request = null)
    {
        request ??= new TestRequest();
        Connection.Send(request);
        Poll();
        return request;
    }

    public void Poll()
    {
        _effects.Clear();
        Next = _machines.Poll(Now, _effects);
        for (var i = 0; i < _effects.Count; i++)
            Note(_effects[i]);
        // A poll without a new event has no effects.
        _effects.Clear();
        Assert.Equal(Next, _machines.Poll(Now, _effects));
        Assert.Equal(0, _effects.Count);
    }

    public void Pass(TimeSpan time)
    {
        Now += time;
        Poll();
    }

    public void Resolved(params string[] addresses)
    {
        Connection.OnResolved([.. addresses.Select(IPAddress.Parse)], null, Now);
        Poll();
    }

    public void Connected(Exception? error = null)
    {
        Connection.OnConnected(error, Now);
        Poll();
    }

    public void Sent(Exception? error = null)
    {
        Connection.OnSent(error, Now);
        Poll();
    }

    /// <summary>Gives bytes to the connection, as many at a time as it has room for.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            Assert.NotNull(_lent);
            var count = Math.Min(bytes.Length, _lent.Value.Count);
            bytes[..count].CopyTo(_lent.Value);
            bytes = bytes[count..];
            _lent = null;
            Connection.OnReceived(count, null, Now);
            Poll();
        }
    }

    /// <summary>Answers the request with a correlation id by a body of some bytes.</summary>
    public void Answer(int correlationId, params byte[] body) => Receive(Frame(correlationId, body));

    public void EndOfStream(Exception? error = null)
    {
        _lent = null;
        Connection.OnReceived(0, error, Now);
        Poll();
    }

    /// <summary>The transport answers a close: what is under way first, closed last.</summary>
    public void Closed()
    {
        if (_lent is not null)
            EndOfStream(new ObjectDisposedException("socket"));
        Connection.OnClosed(Now);
        Poll();
    }

    /// <summary>From nothing to ready, for a broker that speaks Metadata 0 to 3 and Produce 3 to 9.</summary>
    public void Open(short maxMetadata = 3)
    {
        var first = new TestRequest();
        Connection.Send(first);
        Poll();
        first.Abandon();
        Connected();
        Sent();
        AnswerVersions(maxMetadata: maxMetadata);
        Assert.Equal(ConnectionState.Ready, Connection.State);
        Sends.Clear();
    }

    public void AnswerVersions(short? version = null, ErrorCode error = ErrorCode.None, short maxMetadata = 3, int throttleMs = 0)
    {
        var (_, asked, correlationId) = Sends[^1][^1];
        var response = new ApiVersionsResponse
        {
            ErrorCode = error,
            ThrottleTimeMs = version is 0 ? 0 : throttleMs,
            ApiKeys =
            [
                new() { ApiKey = (short)ApiKey.Metadata, MinVersion = 0, MaxVersion = maxMetadata },
                new() { ApiKey = (short)ApiKey.Produce, MinVersion = 3, MaxVersion = 9 },
                new() { ApiKey = (short)ApiKey.Fetch, MinVersion = 12, MaxVersion = 4 },
                new() { ApiKey = (short)ApiKey.ApiVersions, MinVersion = 0, MaxVersion = 2 },
            ],
        };
        var writer = new KafkaWriter();
        ResponseFrame.Write(writer, response, version ?? asked, 0, correlationId);
        Receive(writer.WrittenSpan);
    }

    public static byte[] Frame(int correlationId, params byte[] body)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, 4 + body.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), correlationId);
        body.CopyTo(frame, 8);
        return frame;
    }

    void Note(Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.Resolve:
                Resolves.Add((string)effect.Payload!);
                break;
            case EffectKind.Connect:
                Connects.Add((ConnectTarget)effect.Payload!);
                break;
            case EffectKind.Receive:
                Assert.Null(_lent);
                _lent = new ArraySegment<byte>((byte[])effect.Payload!, effect.Offset, effect.Count);
                Assert.NotEqual(0, effect.Count);
                Receives++;
                break;
            case EffectKind.Send:
                Sends.Add([.. FramesOf((SendBuffer)effect.Payload!)]);
                break;
            case EffectKind.Close:
                Closes++;
                break;
            case EffectKind.Log:
                Lines++;
                break;
        }
    }

    static IEnumerable<(ApiKey, short, int)> FramesOf(SendBuffer buffer)
    {
        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);
        var bytes = segments.SelectMany(segment => segment).ToArray();
        Assert.Equal(buffer.TotalBytes, bytes.Length);
        for (var at = 0; at < bytes.Length; at += 4 + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)))
        {
            yield return ((ApiKey)BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(at + 4)),
                BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(at + 6)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 8)));
        }
    }
}
