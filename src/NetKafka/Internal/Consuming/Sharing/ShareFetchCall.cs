using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>A fetch of a share group on its way to one broker. Records of the answer stay where they were received.</summary>
/// <param name="body">What is asked.</param>
/// <param name="lowestVersion">The oldest version that can ask it.</param>
/// <param name="onAnswer">Takes the answer.</param>
/// <param name="onFailure">Takes the failure.</param>
sealed class ShareFetchCall(
    ShareFetchRequest body, short lowestVersion, Action<ShareFetchResponse, Answer> onAnswer, Action<RequestFailure, Instant> onFailure) : BrokerRequest
{
    const int HeadBytes = 256 * 1024;

    public override ApiKey ApiKey => ApiKey.ShareFetch;

    public override short LowestVersion => lowestVersion;

    public override short HighestVersion => ShareFetchRequest.HighestStableVersion;

    public override int LargestAnswer => (int)Math.Min(int.MaxValue, (long)body.MaxBytes + HeadBytes);

    public override short RequestHeaderVersion(short version) => ShareFetchRequest.RequestHeaderVersion(version);

    public override short ResponseHeaderVersion(short version) => ShareFetchRequest.ResponseHeaderVersion(version);

    public override void Write(SendBuffer buffer, short version) => body.Write(buffer.Writer, version);

    public override TimeSpan OnAnswer(in Answer answer)
    {
        var response = ResponseFrame.ReadBody<ShareFetchResponse>(answer.Body, answer.Version);
        onAnswer(response, answer);
        return TimeSpan.FromMilliseconds(Math.Max(0, response.ThrottleTimeMs));
    }

    public override TimeSpan ThrottleOf(in Answer answer) =>
        TimeSpan.FromMilliseconds(Math.Max(0, ResponseFrame.ReadBody<ShareFetchResponse>(answer.Body, answer.Version).ThrottleTimeMs));

    public override void OnFailure(RequestFailure failure, Instant now) => onFailure(failure, now);
}
