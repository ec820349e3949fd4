using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>Drives a cluster machine by hand: brokers 1 to n, and a clock that moves only when it is told.</summary>
sealed class MachineDriver
{
    internal const int Node = 1;
    int correlation;

    internal MachineDriver(int brokers = 1, Action<ClusterSettings>? configure = null, long seed = 1)
    {
        var settings = new ClusterSettings { WallClockOffsetMs = 1_700_000_000_000 };
        configure?.Invoke(settings);
        Machine = new ClusterMachine(settings, seed);
        Machine.Operate(0, cluster =>
        {
            for (var node = 1; node <= brokers; node++)
                cluster.AddBroker(node, $"host-{node}", 9092, $"rack-{node}");
        });
    }

    internal ClusterMachine Machine { get; }

    internal ClusterState Cluster => Machine.Cluster;

    internal long NowMs { get; private set; }

    internal long WallClockMs => NowMs + Cluster.Settings.WallClockOffsetMs;

    /// <summary>Lets time pass, stopping at every deadline on the way.</summary>
    internal void Pass(long ms)
    {
        var end = NowMs + ms;
        while (Machine.Poll(NowMs) is var next && next <= end)
            NowMs = Math.Max(NowMs, next);
        NowMs = end;
        Machine.Poll(NowMs);
    }

    internal Topic CreateTopic(string name, int partitions = 1, int replicas = -1, params (string, string?)[] configs) =>
        Machine.Operate(NowMs, cluster => cluster.CreateTopic(
            new TopicOrder(name) { Partitions = partitions, ReplicationFactor = replicas, Configs = configs })).Topic!;

    internal int Connect(int node = Node, string? user = null) => Machine.Connect(node, NowMs, user);

    /// <summary>Sends a request and takes the answer that must be there at once.</summary>
    internal TResponse Ask<TRequest, TResponse>(int connection, IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        Send(connection, request, version);
        return Take(connection, request, version);
    }

    internal void Send<TRequest, TResponse>(int connection, IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse> =>
        Machine.Receive(connection, Frame(request, version), NowMs);

    internal byte[] Frame<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(++correlation);
        writer.WriteNullableString("tests", "ClientId");
        if (TRequest.RequestHeaderVersion(version) >= 2)
            writer.WriteUnsignedVarint(0);
        request.Write(writer, version);
        writer.PatchInt32(0, writer.Length - 4);
        return writer.WrittenSpan.ToArray();
    }

    internal TResponse Take<TRequest, TResponse>(int connection, IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        Assert.True(TryTake(connection, out var frame), $"There is no answer to {TRequest.ApiKey}.");
        return Decode<TRequest, TResponse>(frame, version);
    }

    internal bool HasAnswer(int connection) => TryPeek(connection);

    internal bool IsClosed(int connection) => Machine.IsClosed(connection);

    internal bool TryTake(int connection, out ReadOnlyMemory<byte> frame)
    {
        if (peeked.Remove(connection, out frame))
            return true;
        return Machine.TryTakeOutput(connection, out frame);
    }

    readonly Dictionary<int, ReadOnlyMemory<byte>> peeked = [];

    bool TryPeek(int connection)
    {
        if (peeked.ContainsKey(connection))
            return true;
        if (!Machine.TryTakeOutput(connection, out var frame))
            return false;
        peeked.Add(connection, frame);
        return true;
    }

    internal static TResponse Decode<TRequest, TResponse>(ReadOnlyMemory<byte> frame, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        Assert.Equal(frame.Length - 4, BinaryPrimitives.ReadInt32BigEndian(frame.Span));
        var reader = new KafkaReader(frame[4..], TResponse.Name, version);
        reader.ReadInt32();
        if (TRequest.ResponseHeaderVersion(version) >= 1)
            reader.SkipTags();
        var response = TResponse.Read(ref reader, version);
        reader.EnsureEnd();
        return response;
    }
}
