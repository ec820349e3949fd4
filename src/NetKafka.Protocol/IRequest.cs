namespace NetKafka.Protocol;

/// <summary>A request: a message with an API key and headers.</summary>
/// <typeparam name="TSelf">The request itself.</typeparam>
public interface IRequest<TSelf> : IMessage<TSelf>
    where TSelf : IRequest<TSelf>
{
    /// <summary>The API that the request calls.</summary>
    static abstract ApiKey ApiKey { get; }

    /// <summary>
    /// The highest version that may be negotiated: below <see cref="IMessage{TSelf}.HighestVersion"/> where Kafka has not
    /// yet fixed its last one.
    /// </summary>
    static abstract short HighestStableVersion { get; }

    /// <summary>The version of the header before a request.</summary>
    /// <param name="version">The version of the request.</param>
    /// <returns>1, or 2 where the request has tagged fields.</returns>
    static abstract short RequestHeaderVersion(short version);

    /// <summary>The version of the header before the response.</summary>
    /// <param name="version">The version of the request.</param>
    /// <returns>0, or 1 where the response has tagged fields; always 0 for ApiVersions (KIP-511).</returns>
    static abstract short ResponseHeaderVersion(short version);
}

/// <summary>A request whose response type is known.</summary>
/// <typeparam name="TSelf">The request itself.</typeparam>
/// <typeparam name="TResponse">Its response.</typeparam>
public interface IRequest<TSelf, TResponse> : IRequest<TSelf>
    where TSelf : IRequest<TSelf, TResponse>
    where TResponse : IMessage<TResponse>
{
}
