namespace NetKafka.Internal.Administration;

/// <summary>What an answer means for the call: it is done, it is tried again, or it has failed.</summary>
readonly record struct Step<TResult>
{
    public bool IsDone { get; private init; }

    public TResult? Result { get; private init; }

    public bool IsRetriable { get; private init; }

    public KafkaException? Error { get; private init; }

    public static Step<TResult> Done(TResult result) => new() { IsDone = true, Result = result };

    public static Step<TResult> Retry(KafkaException error) => new() { IsRetriable = true, Error = error };

    public static Step<TResult> Fail(KafkaException error) => new() { Error = error };
}
