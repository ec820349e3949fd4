using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.TransportSpike;

/// <summary>A request the size of a Produce request, whose batch bytes lie elsewhere as those of a producer do.</summary>
sealed class LoadRequest(ArraySegment<byte> body, Action onAnswer) : BrokerRequest
{
    public const short Version = 3;

    // What a producer sends from where it lies; smaller batches are copied behind the header.
    const int SmallestBorrowedBytes = 8 * 1024;

    public override ApiKey ApiKey => ApiKey.Produce;

    public override short LowestVersion => Version;

    public override short HighestVersion => Version;

    public override short RequestHeaderVersion(short version) => 1;

    public override short ResponseHeaderVersion(short version) => 0;

    public override void Write(SendBuffer buffer, short version)
    {
        buffer.Writer.WriteInt32(body.Count);
        if (body.Count >= SmallestBorrowedBytes)
            buffer.Borrow(body);
        else
            buffer.Writer.WriteRaw(body);
    }

    public override TimeSpan OnAnswer(in Answer answer)
    {
        onAnswer();
        return TimeSpan.Zero;
    }

    public override void OnFailure(RequestFailure failure, Instant now) =>
        throw new InvalidOperationException($"The spike's request failed: {failure}");
}
