using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal;

/// <summary>One request on its way: handled at once, or parked by its handler until it is answered.</summary>
abstract class Call(ClusterMachine machine, Connection connection, short version, int correlationId, string? clientId)
{
    internal ClusterMachine Machine { get; } = machine;

    internal ClusterState Cluster => Machine.Cluster;

    internal Connection Connection { get; } = connection;

    internal Broker Broker => Connection.Broker;

    internal short Version { get; } = version;

    internal int CorrelationId { get; } = correlationId;

    internal string? ClientId { get; } = clientId;

    internal Fault Fault { get; init; }

    internal bool IsAnswered { get; private protected set; }

    /// <summary>Nobody waits for the answer any more.</summary>
    internal bool IsAbandoned => Connection.IsClosed;

    internal int ThrottleMs => Broker.ThrottleMs;

    /// <summary>Called when the connection closes under a parked request: its handler takes back what waits.</summary>
    internal Action? OnAbandoned { get; set; }
}

/// <summary>A request of one API.</summary>
sealed class Call<TRequest, TResponse>(
    ClusterMachine machine,
    Connection connection,
    short version,
    int correlationId,
    string? clientId,
    TRequest request,
    Apis.ApiHandler<TRequest, TResponse> handler)
    : Call(machine, connection, version, correlationId, clientId)
    where TRequest : class, IRequest<TRequest, TResponse>
    where TResponse : class, IMessage<TResponse>
{
    internal TRequest Request { get; } = request;

    /// <summary>Answers. A second answer is a fault of the handler; one to a closed connection is dropped.</summary>
    internal void Answer(TResponse response)
    {
        if (IsAnswered)
            throw new InvalidOperationException($"{TRequest.ApiKey} v{Version} was answered twice.");
        IsAnswered = true;
        if (IsAbandoned)
            return;
        if (Fault.ErrorAfter is { } error)
            response = handler.Fail(this, error);
        if (Fault.DamageRecords > 0 && response is Protocol.Messages.FetchResponse fetched)
            RecordDamage.Apply(fetched, Fault.DamageRecords);
        Machine.Complete(this, Encode(response, Version, TRequest.ResponseHeaderVersion(Version)));
    }

    /// <summary>Answers in another version than was asked in: ApiVersions alone does that.</summary>
    internal void AnswerInVersion(TResponse response, short version)
    {
        IsAnswered = true;
        Machine.Complete(this, Encode(response, version, TRequest.ResponseHeaderVersion(version)));
    }

    /// <summary>Ends a request that has no answer (Produce with acks 0).</summary>
    internal void EndWithoutAnswer()
    {
        IsAnswered = true;
        Machine.Complete(this, default);
    }

    /// <summary>Ends a request by closing its connection.</summary>
    internal void Close()
    {
        IsAnswered = true;
        Machine.Close(Connection);
    }

    ReadOnlyMemory<byte> Encode(TResponse response, short version, short headerVersion)
    {
        var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt32(CorrelationId);
        if (headerVersion >= 1)
            writer.WriteInt8(0);
        response.Write(writer, version);
        writer.PatchInt32(0, writer.Length - 4);
        return writer.WrittenMemory;
    }
}
