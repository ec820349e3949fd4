namespace NetKafka.Consuming;

/// <summary>
/// What a share consumer needs to know. Plain properties that bind from configuration; they are checked together when the consumer is created,
/// and later changes have no effect on it. Defaults are Java's where nothing else is said.
/// <para>
/// Where a group begins, which records of transactions it is given and how long a record is locked are no settings of a consumer: they are
/// configuration of the group (<c>share.auto.offset.reset</c>, <c>share.isolation.level</c>, <c>share.record.lock.duration.ms</c>), which an
/// admin sets. A new group begins at the <b>latest</b> records, and so is given nothing that was written before it.
/// <see cref="ShareConsumer{TKey, TValue}.GroupSettings"/> tells what the broker says.
/// </para>
/// </summary>
public sealed class ShareConsumerOptions
{
    /// <summary>
    /// The share group, whose members are handed its records one by one, each to one member at a time. Needed. No other kind of group may have the same
    /// id. Kafka's name: <c>group.id</c>.
    /// </summary>
    public string? GroupId { get; set; }

    /// <summary>
    /// The topics that the group works through; see also <see cref="ShareConsumer{TKey, TValue}.SubscribeAsync"/>. The group is joined when reading begins. Default
    /// empty.
    /// </summary>
    public IList<string> Topics { get; set; } = [];

    /// <summary>
    /// Whether a record is accepted when the loop asks for the next one, or the application says so of each. Default
    /// <see cref="ShareAcknowledgementMode.Implicit"/>. Kafka's name: <c>share.acknowledgement.mode</c>.
    /// </summary>
    public ShareAcknowledgementMode AcknowledgementMode { get; set; } = ShareAcknowledgementMode.Implicit;

    /// <summary>
    /// Whether <see cref="MaxPollRecords"/> is held strictly (KIP-1206). Default <see cref="ShareAcquireMode.BatchOptimized"/>. Kafka's name:
    /// <c>share.acquire.mode</c>.
    /// </summary>
    public ShareAcquireMode AcquireMode { get; set; } = ShareAcquireMode.BatchOptimized;

    /// <summary>
    /// How many records are locked at a time; with <see cref="ShareAcquireMode.BatchOptimized"/> as many as make whole batches. Nothing is fetched ahead of the
    /// application, since a record that waits here is locked for others. Default 500, at least 1. Kafka's name: <c>max.poll.records</c>.
    /// </summary>
    public int MaxPollRecords { get; set; } = 500;

    /// <summary>
    /// How many bytes a broker waits for before it answers a fetch, at most <see cref="FetchMaxWait"/>. Default 1. Kafka's name:
    /// <c>fetch.min.bytes</c>.
    /// </summary>
    public int FetchMinBytes { get; set; } = 1;

    /// <summary>
    /// How long a broker may wait for <see cref="FetchMinBytes"/>, and how long an acknowledgement waits for a fetch that takes it along. Default
    /// 500 ms. Kafka's name: <c>fetch.max.wait.ms</c>.
    /// </summary>
    public TimeSpan FetchMaxWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How many bytes one fetch may bring; a first batch that is larger still comes whole. Default 50 MiB, at least 1 KiB. Kafka's name:
    /// <c>fetch.max.bytes</c>.
    /// </summary>
    public int FetchMaxBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>
    /// How long a call may take that is given no time of its own, as a commit. A loop that reads waits as long for the first broker, and for topics of which none exists.
    /// Default 60 s. Kafka's name: <c>default.api.timeout.ms</c>.
    /// </summary>
    public TimeSpan DefaultApiTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long closing may take: sending acknowledgements, releasing what is not acknowledged, leaving the group. Default 5 s (Java: 30 s), so
    /// that a program ends soon even while brokers do not answer.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Told what brokers have said of acknowledgements, those that were sent along with fetches among them; one at a time, in order. What it throws is logged. Default none:
    /// acknowledgements that do not count are logged. Kafka's name: <c>AcknowledgementCommitCallback</c>.
    /// </summary>
    public Action<IReadOnlyList<ShareAcknowledgement>>? OnAcknowledged { get; set; }

    /// <summary>
    /// Decides on a record whose key or value cannot be read (KIP-334): released for others, rejected, or accepted. It may hand the record on
    /// before, since the exception carries raw key, raw value and headers (KIP-1036). Reading goes on behind it. What it throws reaches the reader, and the record is
    /// released.
    /// <para>
    /// Default none: reading throws the exception, and a new loop goes on behind the record. With
    /// <see cref="ShareAcknowledgementMode.Implicit"/> the record is released then, with <see cref="ShareAcknowledgementMode.Explicit"/> it is to be
    /// acknowledged by the exception.
    /// </para>
    /// </summary>
    public Func<KafkaSerializationException, CancellationToken, ValueTask<AcknowledgeType>>? OnUnreadableRecord { get; set; }

    /// <summary>The same options, checked, in an object of their own.</summary>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    internal ShareConsumerOptions Validated()
    {
        var mistakes = new List<string>();
        if (string.IsNullOrEmpty(GroupId))
            mistakes.Add("GroupId is missing: a share consumer works for a share group; give it a name.");
        if (Topics is null || Topics.Any(string.IsNullOrEmpty))
            mistakes.Add("Topics has an empty name, or is null.");
        if (!Enum.IsDefined(AcknowledgementMode))
            mistakes.Add($"AcknowledgementMode is {AcknowledgementMode}, which is no value of it.");
        if (!Enum.IsDefined(AcquireMode))
            mistakes.Add($"AcquireMode is {AcquireMode}, which is no value of it.");
        if (MaxPollRecords < 1)
            mistakes.Add($"MaxPollRecords is {MaxPollRecords}; it must be at least 1.");
        CheckFetch(mistakes);
        if (mistakes.Count > 0)
            throw new KafkaOptionsException(mistakes);
        var copy = (ShareConsumerOptions)MemberwiseClone();
        copy.Topics = [.. Topics!.Distinct().Order(StringComparer.Ordinal)];
        return copy;
    }

    void CheckFetch(List<string> mistakes)
    {
        const int SmallestFetch = 1024;
        if (FetchMinBytes < 0)
            mistakes.Add($"FetchMinBytes is {FetchMinBytes}; it must not be negative.");
        if (FetchMaxWait < TimeSpan.Zero || FetchMaxWait > TimeSpan.FromMinutes(1))
            mistakes.Add($"FetchMaxWait is {FetchMaxWait}; it must be between 0 and 1 minute.");
        if (FetchMaxBytes < SmallestFetch)
            mistakes.Add($"FetchMaxBytes is {FetchMaxBytes}; it must be at least {SmallestFetch}.");
        if (DefaultApiTimeout <= TimeSpan.Zero)
            mistakes.Add($"DefaultApiTimeout is {DefaultApiTimeout}; it must be above 0.");
        if (CloseTimeout < TimeSpan.Zero)
            mistakes.Add($"CloseTimeout is {CloseTimeout}; it must not be negative.");
    }
}
