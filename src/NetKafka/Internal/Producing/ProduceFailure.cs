using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>Why the records of a batch were not delivered. Each record gets an exception of its own from it.</summary>
/// <param name="Partition">Where the batch was to go.</param>
/// <param name="Fate">Whether it may be there all the same.</param>
/// <param name="Detail">What happened, as a sentence without its full stop.</param>
sealed record ProduceFailure(TopicPartition Partition, RecordFate Fate, string Detail)
{
    /// <summary>Kafka's error, where a broker named one.</summary>
    public ErrorCode Code { get; init; }

    public string? Broker { get; init; }

    public int Attempts { get; init; }

    public bool IsRetriable { get; init; }

    public Exception? Cause { get; init; }

    /// <summary>What the broker said of single records, by their place in the batch (KIP-467).</summary>
    public IReadOnlyDictionary<int, string>? RecordMessages { get; init; }

    public KafkaException ToException(int index)
    {
        var fate = Fate == RecordFate.Unknown ? " It may be in the topic all the same." : "";
        var own = RecordMessages is null ? ""
            : RecordMessages.TryGetValue(index, out var message) ? $": {message}"
            : ": another record of the same batch was refused";
        var text = $"A record for {Partition} was not delivered: {Detail}{own}.{fate}";
        if (Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed)
        {
            return new KafkaAuthorizationException(text)
            {
                Code = Code, Partition = Partition, Broker = Broker, Attempts = Attempts, Fate = Fate,
            };
        }
        return new ProduceException(text, Fate, Cause)
        {
            Code = Code, Partition = Partition, Broker = Broker, Attempts = Attempts, IsRetriable = IsRetriable,
        };
    }
}
