using System.Buffers.Binary;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>A fetch on its way to one broker.</summary>
/// <param name="plan">What is fetched. It is read when the request is written, and unchanged until the outcome.</param>
/// <param name="onAnswer">Takes the answer; returns how long the broker wants to be left alone, in milliseconds.</param>
/// <param name="onFailure">Takes the failure.</param>
sealed class FetchCall(FetchPlan plan, Func<Answer, int> onAnswer, Action<RequestFailure, Instant> onFailure) : BrokerRequest
{
    const short NewestVersionWithNames = 12;
    const int RowBytes = 256;
    const int HeadBytes = 64 * 1024;

    public override ApiKey ApiKey => ApiKey.Fetch;

    public override short LowestVersion => FetchRequest.LowestVersion;

    public override short HighestVersion => plan.UsesTopicIds ? FetchRequest.HighestStableVersion : NewestVersionWithNames;

    public override int LargestAnswer => (int)Math.Min(int.MaxValue, (long)plan.MaxBytes + RowBytes * plan.All.Count + HeadBytes);

    public override short RequestHeaderVersion(short version) => FetchRequest.RequestHeaderVersion(version);

    public override short ResponseHeaderVersion(short version) => FetchRequest.ResponseHeaderVersion(version);

    public override void Write(SendBuffer buffer, short version) => FetchEncoder.Write(buffer.Writer, plan, version);

    public override TimeSpan OnAnswer(in Answer answer) => TimeSpan.FromMilliseconds(Math.Max(0, onAnswer(answer)));

    /// <summary>It comes first in the body.</summary>
    public override TimeSpan ThrottleOf(in Answer answer) => answer.Body.Length < sizeof(int)
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(answer.Body.Span)));

    public override void OnFailure(RequestFailure failure, Instant now) => onFailure(failure, now);
}
