using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Cluster;

/// <summary>A whole cluster machine whose brokers are answered for on the spot, in one thread and by hand-made time.</summary>
sealed class ClusterRig
{
    readonly MachineQueue _machines = new();
    readonly Effects _effects = new();
    readonly Dictionary<int, string> _connected = [];
    readonly Dictionary<int, ArraySegment<byte>> _lent = [];
    readonly Dictionary<int, List<byte>> _pending = [];

    public ClusterRig(params string[] bootstrap)
        : this(TimeSpan.FromMinutes(5), bootstrap)
    {
    }

    public ClusterRig(TimeSpan rebootstrapAfter, params string[] bootstrap)
    {
        var settings = new ConnectionSettings(
            "tests", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(9), new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)),
            1024 * 1024, true, new SlabPool(0), new RandomSource(1));
        Cluster = new ClusterMachine(
            [.. bootstrap.Select(host => new DnsEndPoint(host, 9092))], _machines, settings, Directory, TimeSpan.FromSeconds(30),
            TimeSpan.FromMinutes(5), new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), rebootstrapAfter);
    }

    public ConnectionDirectory Directory { get; } = new();

    public ClusterMachine Cluster { get; }

    public Instant Now { get; private set; } = Instant.Start;

    public Instant Next { get; private set; }

    /// <summary>The hosts that accept connections, and the node behind each.</summary>
    public SortedDictionary<string, int> Hosts { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts that neither accept nor refuse.</summary>
    public List<string> BlackHoles { get; } = [];

    /// <summary>Hosts that take requests and do not answer them.</summary>
    public List<string> Silent { get; } = [];

    public List<string> Dials { get; } = [];

    /// <summary>What brokers were asked, as "node api"; their versions left out.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Hosts behind which is another node than metadata says, where brokers look at what they are asked for.</summary>
    public List<string> Misrouted { get; } = [];

    /// <summary>The cluster and the node that connections were meant for, as they told their brokers.</summary>
    public List<(string? ClusterId, int NodeId)> Meant { get; } = [];

    /// <summary>What clients said of themselves (KIP-511).</summary>
    public List<(string Name, string Version)> Software { get; } = [];

    /// <summary>The newest version of ApiVersions that brokers speak.</summary>
    public short VersionsVersion { get; set; } = 4;

    public string? ClusterId { get; set; }

    public Func<FindCoordinatorResponse> Coordinator { get; set; } = () => new();

    public int ControllerId { get; set; } = -1;

    public void Pass(TimeSpan time)
    {
        Now += time;
        Run();
    }

    /// <summary>Runs until nothing is left to do at this moment.</summary>
    public void Run()
    {
        do
        {
            Cluster.BeginTurn(Now);
            Next = _machines.Poll(Now, _effects);
            var effects = Enumerable.Range(0, _effects.Count).Select(i => _effects[i]).ToList();
            _effects.Clear();
            if (effects.Count == 0)
                return;
            effects.ForEach(CarryOut);
        }
        while (true);
    }

    void CarryOut(Effect effect)
    {
        var connection = Directory.Find(effect.Connection);
        switch (effect.Kind)
        {
            case EffectKind.Connect:
                var host = ((ConnectTarget)effect.Payload!).Host;
                Dials.Add(host);
                _connected[effect.Connection] = host;
                if (!BlackHoles.Contains(host))
                    connection!.OnConnected(Hosts.ContainsKey(host) ? null : new SocketException((int)SocketError.ConnectionRefused), Now);
                break;
            case EffectKind.Receive:
                _lent[effect.Connection] = new ArraySegment<byte>((byte[])effect.Payload!, effect.Offset, effect.Count);
                Deliver(effect.Connection);
                break;
            case EffectKind.Send:
                Serve(effect.Connection, (SendBuffer)effect.Payload!);
                connection!.OnSent(null, Now);
                Deliver(effect.Connection);
                break;
            case EffectKind.Close:
                _pending.Remove(effect.Connection);
                connection!.OnClosed(Now);
                break;
        }
    }

    /// <summary>Breaks every connection to a host, which refuses from now on.</summary>
    public void Kill(string host)
    {
        Hosts.Remove(host);
        foreach (var (number, _) in _connected.Where(entry => entry.Value == host).ToList())
            Directory.Find(number)?.OnReceived(0, null, Now);
        Run();
    }

    void Deliver(int number)
    {
        if (!_lent.TryGetValue(number, out var room) || !_pending.TryGetValue(number, out var bytes) || bytes.Count == 0)
            return;
        var count = Math.Min(room.Count, bytes.Count);
        bytes.CopyTo(0, room.Array!, room.Offset, count);
        bytes.RemoveRange(0, count);
        _lent.Remove(number);
        Directory.Find(number)!.OnReceived(count, null, Now);
    }

    void Serve(int number, SendBuffer buffer)
    {
        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);
        var bytes = segments.SelectMany(segment => segment).ToArray();
        var output = new KafkaWriter();
        for (var at = 0; at < bytes.Length; at += 4 + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)))
        {
            var api = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(at + 4));
            if (api == ApiKey.ApiVersions || !Silent.Contains(_connected[number]))
                Answer(_connected[number], bytes.AsSpan(at + 4), api, output);
        }
        if (!_pending.TryGetValue(number, out var pending))
            _pending.Add(number, pending = []);
        pending.AddRange(output.WrittenSpan);
    }

    void Answer(string host, ReadOnlySpan<byte> request, ApiKey api, KafkaWriter output)
    {
        var version = BinaryPrimitives.ReadInt16BigEndian(request[2..]);
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(request[4..]);
        if (api != ApiKey.ApiVersions)
            Asked.Add($"{Hosts[host]} {api}");
        switch (api)
        {
            case ApiKey.ApiVersions when version > VersionsVersion:
                ResponseFrame.Write(output, Versions(ErrorCode.UnsupportedVersion), 0, 0, correlationId);
                break;
            case ApiKey.ApiVersions:
                ResponseFrame.Write(output, Versions(Misroute(host, request, version)), version, 0, correlationId);
                break;
            case ApiKey.Metadata:
                ResponseFrame.Write(output, Metadata(), version, MetadataRequest.ResponseHeaderVersion(version), correlationId);
                break;
            case ApiKey.FindCoordinator:
                ResponseFrame.Write(output, Coordinator(), version, FindCoordinatorRequest.ResponseHeaderVersion(version), correlationId);
                break;
            default:
                output.WriteInt32(4);
                output.WriteInt32(correlationId);
                break;
        }
    }

    ErrorCode Misroute(string host, ReadOnlySpan<byte> request, short version)
    {
        var reader = new KafkaReader(request.ToArray(), ApiVersionsRequest.Name, version);
        (_, _) = (reader.ReadInt32(), reader.ReadInt32());
        reader.ReadNullableString();
        if (ApiVersionsRequest.RequestHeaderVersion(version) >= 2)
            reader.SkipTags();
        var body = ApiVersionsRequest.Read(ref reader, version);
        Meant.Add((body.ClusterId, body.NodeId));
        Software.Add((body.ClientSoftwareName, body.ClientSoftwareVersion));
        return body.NodeId >= 0 && Misrouted.Contains(host) ? ErrorCode.RebootstrapRequired : ErrorCode.None;
    }

    ApiVersionsResponse Versions(ErrorCode error) => new()
    {
        ErrorCode = error,
        ApiKeys =
        [
            new() { ApiKey = (short)ApiKey.ApiVersions, MaxVersion = VersionsVersion },
            .. new[] { ApiKey.Metadata, ApiKey.FindCoordinator, ApiKey.Heartbeat, ApiKey.CreateTopics }
                .Select(api => new ApiVersionsResponse.ApiVersion { ApiKey = (short)api, MaxVersion = 4 }),
        ],
    };

    MetadataResponse Metadata() => new()
    {
        ClusterId = ClusterId,
        ControllerId = ControllerId,
        Brokers = [.. Hosts.Where(host => host.Value >= 0).Select(host => new MetadataResponse.MetadataResponseBroker
        {
            NodeId = host.Value, Host = host.Key, Port = 9092,
        })],
        Topics = [new() { Name = "payments", Partitions = [new() { LeaderId = 1, LeaderEpoch = 1 }] }],
    };
}
