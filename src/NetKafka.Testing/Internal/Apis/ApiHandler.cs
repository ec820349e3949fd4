using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>Serves one API.</summary>
abstract class ApiHandler
{
    internal abstract ApiKey ApiKey { get; }

    internal abstract short MinVersion { get; }

    internal abstract short MaxVersion { get; }

    internal abstract short RequestHeaderVersion(short version);

    /// <summary>Decodes the body and handles the request, or answers it with the error of its fault.</summary>
    /// <exception cref="MalformedMessageException">The body is none of this API and version.</exception>
    internal abstract void Handle(ClusterMachine machine, IncomingRequest frame, in Fault fault, long nowMs);
}

/// <summary>A handler with the types of its API. It has no state of its own: that is the cluster's.</summary>
abstract class ApiHandler<TRequest, TResponse> : ApiHandler
    where TRequest : class, IRequest<TRequest, TResponse>
    where TResponse : class, IMessage<TResponse>
{
    internal sealed override ApiKey ApiKey => TRequest.ApiKey;

    internal override short MinVersion => TRequest.LowestVersion;

    internal override short MaxVersion => TRequest.HighestStableVersion;

    internal sealed override short RequestHeaderVersion(short version) => TRequest.RequestHeaderVersion(version);

    internal sealed override void Handle(ClusterMachine machine, IncomingRequest frame, in Fault fault, long nowMs)
    {
        var reader = new KafkaReader(frame.Body, TRequest.Name, frame.Version);
        var request = TRequest.Read(ref reader, frame.Version);
        reader.EnsureEnd();
        var call = new Call<TRequest, TResponse>(
            machine, frame.Connection, frame.Version, frame.CorrelationId, frame.ClientId, request, this) { Fault = fault };
        frame.Connection.Current = call;
        if (fault.Error is { } error)
            call.Answer(Fail(call, error));
        else
            Handle(call, nowMs);
    }

    /// <summary>Handles the request: answers now, or keeps the call and answers later.</summary>
    protected abstract void Handle(Call<TRequest, TResponse> call, long nowMs);

    /// <summary>The answer that says this error wherever the API can say one, and does nothing else.</summary>
    internal abstract TResponse Fail(Call<TRequest, TResponse> call, ErrorCode error);
}

/// <summary>A request frame with its header read.</summary>
sealed record IncomingRequest(
    Connection Connection, ApiKey ApiKey, short Version, int CorrelationId, string? ClientId, ReadOnlyMemory<byte> Body);
