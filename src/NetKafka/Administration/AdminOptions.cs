namespace NetKafka.Administration;

/// <summary>What an <see cref="NetKafka.Admin"/> needs to know.</summary>
public sealed class AdminOptions
{
    /// <summary>
    /// By when a call must be over, retries included. Default 60 s, at least 1 ms. Kafka's name:
    /// <c>default.api.timeout.ms</c>.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    internal AdminOptions Validated()
    {
        var mistakes = new List<string>();
        KafkaClientOptions.AtLeast(CallTimeout, 1, nameof(CallTimeout), mistakes);
        return mistakes.Count == 0 ? (AdminOptions)MemberwiseClone() : throw new KafkaOptionsException(mistakes);
    }
}
