namespace NetKafka.Internal.Producing;

/// <summary>Who writes: a producer's id and epoch, by which a broker tells a repeated batch from a new one.</summary>
readonly record struct ProducerStamp(long Id, short Epoch)
{
    /// <summary>Nobody: the producer is not idempotent, or has no id yet.</summary>
    public static readonly ProducerStamp None = new(-1, -1);

    public bool IsNone => Id < 0;
}
