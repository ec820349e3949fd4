using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Connections;

/// <summary>
/// A request of the generated kind: built for the version that the connection agreed on, answered with the decoded response
/// or with a failure, to one receiver.
/// </summary>
/// <param name="body">Makes the body for the version that will be written.</param>
/// <param name="onOutcome">Called once, inside the turn.</param>
sealed class Exchange<TRequest, TResponse>(Func<short, TRequest> body, Action<Outcome<TResponse>> onOutcome) : BrokerRequest
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>For a body that is the same in every version.</summary>
    public Exchange(TRequest body, Action<Outcome<TResponse>> onOutcome)
        : this(_ => body, onOutcome)
    {
    }

    /// <summary>The versions that the sender can use, within those that the protocol has.</summary>
    public short MinVersion { get; init; } = TRequest.LowestVersion;

    public short MaxVersion { get; init; } = TRequest.HighestStableVersion;

    public override ApiKey ApiKey => TRequest.ApiKey;

    public override short LowestVersion => MinVersion;

    public override short HighestVersion => MaxVersion;

    public override short RequestHeaderVersion(short version) => TRequest.RequestHeaderVersion(version);

    public override short ResponseHeaderVersion(short version) => TRequest.ResponseHeaderVersion(version);

    public override void Write(SendBuffer buffer, short version) => body(version).Write(buffer.Writer, version);

    public override TimeSpan OnAnswer(in Answer answer)
    {
        var response = ResponseFrame.ReadBody<TResponse>(answer.Body, answer.Version);
        onOutcome(new Outcome<TResponse>(response, null, answer.NodeId, answer.Version, answer.Now));
        return ThrottleOf(response);
    }

    public override TimeSpan ThrottleOf(in Answer answer) => ThrottleOf(ResponseFrame.ReadBody<TResponse>(answer.Body, answer.Version));

    static TimeSpan ThrottleOf(TResponse response) =>
        response is IThrottledResponse throttled ? TimeSpan.FromMilliseconds(Math.Max(0, throttled.ThrottleTimeMs)) : TimeSpan.Zero;

    public override void OnFailure(RequestFailure failure, Instant now) =>
        onOutcome(new Outcome<TResponse>(null, failure, -1, -1, now));
}
