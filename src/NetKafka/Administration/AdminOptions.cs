namespace NetKafka.Administration;

/// <summary>What an <see cref="NetKafka.Admin"/> needs to know.</summary>
public sealed class AdminOptions
{
    /// <summary>
    /// By when a call must be over, retries included. Default 60 s, at least 1 ms. Kafka's name:
    /// <c>default.api.timeout.ms</c>.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether a call waits where the brokers refuse it for a quota on how fast a client changes things, and asks again until its deadline
    /// (KIP-599). Default true; else it is an error of its item. Kafka's name: <c>retryOnQuotaViolation</c> of single calls.
    /// </summary>
    public bool WaitsForQuota { get; set; } = true;

    internal AdminOptions Validated()
    {
        var mistakes = new List<string>();
        KafkaClientOptions.AtLeast(CallTimeout, 1, nameof(CallTimeout), mistakes);
        return mistakes.Count == 0 ? (AdminOptions)MemberwiseClone() : throw new KafkaOptionsException(mistakes);
    }
}
