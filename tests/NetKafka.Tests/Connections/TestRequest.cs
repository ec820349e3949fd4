using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Tests.Connections;

/// <summary>A request that remembers what became of it.</summary>
sealed class TestRequest(ApiKey api = ApiKey.Metadata, short lowest = 0, short highest = 3) : BrokerRequest
{
    public List<RequestFailure> Failures { get; } = [];

    public List<byte[]> Answers { get; } = [];

    public Lease? Lease { get; private set; }

    public bool IsWritten { get; private set; }

    public bool IsAnswered { get; init; } = true;

    public int Largest { get; init; }

    public TimeSpan Throttle { get; init; }

    public byte[] Borrowed { get; init; } = [];

    public Exception? WriteError { get; init; }

    public Exception? AnswerError { get; init; }

    public RequestFailureReason Failed => Assert.Single(Failures).Reason;

    public bool IsOpen => Failures.Count == 0 && Answers.Count == 0 && !IsWritten;

    public override ApiKey ApiKey => api;

    public override short LowestVersion => lowest;

    public override short HighestVersion => highest;

    public override bool HasAnswer => IsAnswered;

    public override int LargestAnswer => Largest;

    public override short RequestHeaderVersion(short version) => 1;

    public override short ResponseHeaderVersion(short version) => 0;

    public override void Write(SendBuffer buffer, short version)
    {
        buffer.Writer.WriteInt64(0);
        if (WriteError is not null)
            throw WriteError;
        if (Borrowed.Length > 0)
            buffer.Borrow(Borrowed);
    }

    public override TimeSpan OnAnswer(in Answer answer)
    {
        if (AnswerError is not null)
            throw AnswerError;
        Answers.Add(answer.Body.ToArray());
        Lease = answer.Lease;
        return Throttle;
    }

    public override TimeSpan ThrottleOf(in Answer answer) => Throttle;

    public override void OnWritten(Instant now) => IsWritten = true;

    public override void OnFailure(RequestFailure failure, Instant now) => Failures.Add(failure);
}
