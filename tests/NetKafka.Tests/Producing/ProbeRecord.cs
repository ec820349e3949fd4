using NetKafka.Internal.Producing;
using NetKafka.Producing;

namespace NetKafka.Tests.Producing;

/// <summary>An awaited record whose outcome a test looks at.</summary>
sealed class ProbeRecord : AwaitedRecord
{
    public RecordMetadata? Metadata { get; private set; }

    public KafkaException? Error { get; private set; }

    public override bool IsOver => Metadata is not null || Error is not null;

    public int Continued { get; private set; }

    public Action? OnContinued { get; set; }

    public long Offset => Metadata!.Value.Offset;

    public RecordFate Fate => Assert.IsType<ProduceException>(Error).Fate;

    public override void Complete(in RecordMetadata metadata)
    {
        Assert.False(IsOver);
        Metadata = metadata;
    }

    public override void Fail(Exception error)
    {
        Assert.False(IsOver);
        Error = (KafkaException)error;
    }

    public override void RunContinuation()
    {
        Assert.True(IsOver);
        Continued++;
        OnContinued?.Invoke();
    }
}
