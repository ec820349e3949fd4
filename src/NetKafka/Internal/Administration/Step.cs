using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>What an answer means for the call: it is done, goes on, is tried again, or has failed.</summary>
readonly record struct Step<TResult>
{
    public bool IsDone { get; private init; }

    public TResult? Result { get; private init; }

    public bool IsMore { get; private init; }

    public bool IsRetriable { get; private init; }

    public KafkaException? Error { get; private init; }

    public static Step<TResult> Done(TResult result) => new() { IsDone = true, Result = result };

    /// <summary>Another part is asked for at once.</summary>
    public static Step<TResult> More() => new() { IsMore = true };

    public static Step<TResult> Retry(KafkaException error) => new() { IsRetriable = true, Error = error };

    public static Step<TResult> Fail(KafkaException error) => new() { Error = error };

    /// <summary>What the error of a whole answer means; where there is none the call is done.</summary>
    /// <param name="code">The broker's error.</param>
    /// <param name="detail">Its own words, if it gave any.</param>
    /// <param name="what">What the user wanted, for messages.</param>
    /// <param name="onSuccess">Makes the result.</param>
    public static Step<TResult> From(ErrorCode code, string? detail, string what, Func<TResult> onSuccess)
    {
        if (code == ErrorCode.None)
            return Done(onSuccess());
        var error = KafkaErrors.From(code, detail, what);
        return AdminErrors.MayPass(code) ? Retry(error) : Fail(error);
    }
}
