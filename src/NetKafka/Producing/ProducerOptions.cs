using NetKafka.Protocol.Compression;

namespace NetKafka.Producing;

/// <summary>
/// What a producer needs to know. Plain properties that bind from configuration; they are checked together when the
/// producer is created, and later changes have no effect on it. The defaults are those of the Java client 4.x.
/// </summary>
public sealed class ProducerOptions
{
    static readonly TimeSpan LongestTime = TimeSpan.FromDays(365);

    Dictionary<string, ProducerOptions> _merged = [];

    /// <summary>Which replicas must hold a record before it counts as delivered. Default all. Kafka's name: <c>acks</c>.</summary>
    public Acks Acks { get; set; } = Acks.All;

    /// <summary>
    /// Whether retries are kept from doubling or reordering records. It needs <see cref="Acks.All"/> and at most five
    /// requests in flight. Default: null, which is on where these two allow it. Kafka's name: <c>enable.idempotence</c>.
    /// </summary>
    public bool? EnableIdempotence { get; set; }

    /// <summary>
    /// The name of this producer in transactions, the same after each restart and no other's at the same time: a producer that begins
    /// under it fences the one before, and ends its open transaction. Default: null, for a producer without transactions. It needs
    /// idempotence. Kafka's name: <c>transactional.id</c>.
    /// </summary>
    public string? TransactionalId { get; set; }

    /// <summary>
    /// How long a transaction may take before its coordinator aborts it. Default 60 s, at least 1 ms, at most
    /// <c>transaction.max.timeout.ms</c> of the brokers (15 minutes by default there). Kafka's name: <c>transaction.timeout.ms</c>.
    /// </summary>
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many requests may be under way to one broker. Default 5; 1 to 5 with idempotence, since brokers remember five
    /// batches. Kafka's name: <c>max.in.flight.requests.per.connection</c>.
    /// </summary>
    public int MaxInFlight { get; set; } = 5;

    /// <summary>
    /// How long a batch waits for more records before it is sent, unless it is full first. With zero it goes at once where no
    /// request is under way to its broker, else with the next answer, or a millisecond after the last request: that suits callers
    /// that await each record. Default 5 ms. Kafka's name: <c>linger.ms</c>.
    /// </summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How many bytes of records, before compression, make a batch full. Larger batches cost client and broker less for each
    /// record (256 KiB to 1 MiB is where that ends) and compress better; smaller ones use less memory where a producer
    /// writes to many partitions, since each takes its own. A record that is larger gets a batch to itself, and 0 gives
    /// every record one. Default 16384, as in Java. Kafka's name: <c>batch.size</c>.
    /// </summary>
    public int BatchSize { get; set; } = 16 * 1024;

    /// <summary>
    /// How many bytes of batches may wait for their delivery. Once they do, producing waits, up to <see cref="MaxBlock"/>.
    /// Default 33554432 (32 MiB), at least <see cref="BatchSize"/>. Kafka's name: <c>buffer.memory</c>.
    /// </summary>
    public long BufferMemory { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// How much of the buffer memory one broker may use, as time: as many bytes of finished batches wait for it as it takes
    /// in so long, at the rate at which it took the last ones. Once they do, producing for it waits, up to
    /// <see cref="MaxBlock"/>. So a producer that is faster than its brokers has its records delivered within about this
    /// time, instead of the time that all of <see cref="BufferMemory"/> takes, at the same throughput, and works in memory
    /// that the processor's caches hold. It is never less than two requests of <see cref="MaxRequestSize"/> or two round
    /// trips' worth, and four times the former until the rate is known. Batches whose callbacks have not begun count too.
    /// Default 50 ms; <see cref="Timeout.InfiniteTimeSpan"/> for no bound but the memory, as in Java.
    /// </summary>
    public TimeSpan BufferTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long producing a record may wait before it is buffered: for the topic's metadata, for buffer memory, or for a busy
    /// broker. Default 60 s. Kafka's name: <c>max.block.ms</c>.
    /// </summary>
    public TimeSpan MaxBlock { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// After how long without a record a topic is not asked about any more when metadata is renewed (KIP-526); its next record waits for
    /// metadata once more, and its order is kept. Default 5 minutes; <see cref="Timeout.InfiniteTimeSpan"/> for never. Kafka's name:
    /// <c>metadata.max.idle.ms</c>.
    /// </summary>
    public TimeSpan MetadataMaxIdle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The largest record, and the most bytes of batches in one request. Brokers have a limit of their own on a batch
    /// (<c>message.max.bytes</c> of a broker, <c>max.message.bytes</c> of a topic). Default 1048576 (1 MiB), at least 1024.
    /// Kafka's name: <c>max.request.size</c>.
    /// </summary>
    public int MaxRequestSize { get; set; } = 1024 * 1024;

    /// <summary>How batches are compressed. Default not at all. Kafka's name: <c>compression.type</c>.</summary>
    public CompressionCodec Compression { get; set; } = CompressionCodec.None;

    /// <summary>
    /// How hard to compress: gzip 1 to 9, lz4 1 to 17, zstd −131072 to 22. Default: the codec's own, see
    /// <see cref="CompressionLevels"/>. Kafka's name: <c>compression.gzip.level</c> and so on.
    /// </summary>
    public int? CompressionLevel { get; set; }

    /// <summary>
    /// How long delivery may take from the moment a record's batch was begun, retries included. A record that takes longer
    /// fails, with a fate that tells whether it may have been written. Default 120 s, at least <see cref="Linger"/> and
    /// <see cref="RequestTimeout"/> together. Kafka's name: <c>delivery.timeout.ms</c>.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long a broker may take to answer a Produce request. Default: null, which is the client's
    /// <see cref="KafkaClientOptions.RequestTimeout"/>. Kafka's name: <c>request.timeout.ms</c>.
    /// </summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>
    /// How long disposing waits for what is not delivered yet; what is left then fails. Zero fails it at once. Default 30 s.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// By which rule a record that names no partition gets one. Default <see cref="Partitioner.Murmur2"/>, which is Java's. Kafka's
    /// name: <c>partitioner.class</c>, in librdkafka <c>partitioner</c>.
    /// </summary>
    public Partitioner Partitioner { get; set; } = Partitioner.Murmur2;

    /// <summary>
    /// Whether a record without a key is put where the empty key goes, so that all of them are in one partition: what librdkafka calls
    /// <c>murmur2</c>, <c>consistent</c> and <c>fnv1a</c>. Default false: they are spread.
    /// </summary>
    public bool HashMissingKeys { get; set; }

    /// <summary>
    /// Whether records with keys are spread like those without, so that equal keys may lie in different partitions. Default false.
    /// Kafka's name: <c>partitioner.ignore.keys</c>.
    /// </summary>
    public bool IgnoreKeys { get; set; }

    /// <summary>
    /// Whether a partition whose batches pile up, since its broker is slow, gets fewer of the records that are spread (KIP-794).
    /// Default true. Kafka's name: <c>partitioner.adaptive.partitioning.enable</c>.
    /// </summary>
    public bool AdaptivePartitioning { get; set; } = true;

    /// <summary>
    /// How long a broker that has been sent records may answer nothing before its partitions get none of the records that are spread,
    /// as long as there are others. Zero (the default) for no such limit. It needs <see cref="AdaptivePartitioning"/>. Kafka's name:
    /// <c>partitioner.availability.timeout.ms</c>.
    /// </summary>
    public TimeSpan PartitionAvailabilityTimeout { get; set; }

    /// <summary>
    /// Whether the records that are spread go to partitions led from this client's rack alone, as long as there are any (KIP-1123): the
    /// traffic between racks is saved, and the partitions are less even. It needs <see cref="KafkaClientOptions.ClientRack"/>. Default
    /// false. Kafka's name: <c>partitioner.rack.aware</c>.
    /// </summary>
    public bool RackAwarePartitioning { get; set; }

    /// <summary>
    /// Chooses the partition of every record that names none, in place of <see cref="Partitioner"/>. Default: none. Kafka's name:
    /// <c>partitioner.class</c>.
    /// </summary>
    public PartitionSelector? PartitionSelector { get; set; }

    /// <summary>
    /// What differs for single topics, by their names: other compression, larger batches, another partitioner. Default: empty, all topics
    /// are alike.
    /// </summary>
    public IDictionary<string, ProducerTopicOptions> Topics { get; set; } = new Dictionary<string, ProducerTopicOptions>(StringComparer.Ordinal);

    /// <summary>
    /// Told what a <see cref="DeliveryCallback"/> threw, on the thread pool; it is logged too. Default: none.
    /// </summary>
    public Action<Exception>? OnCallbackError { get; set; }

    /// <summary>The least that <see cref="BufferTime"/> leaves a broker, where a simulation makes brokers busy with few records.</summary>
    internal long? LeastWindowBytes { get; set; }

    /// <summary>The rack whose partitions come first; null for no difference.</summary>
    internal string? Rack { get; private set; }

    /// <summary>Whether the producer is idempotent, as far as these options decide it.</summary>
    internal bool IsIdempotent => TransactionalId is not null || (EnableIdempotence ?? (Acks == Acks.All && MaxInFlight <= 5));

    /// <summary>Whether some topic is compressed by zstd, which brokers before 2.1 do not know.</summary>
    internal bool UsesZstd { get; private set; }

    /// <summary>Whether some topic's records do not wait for others.</summary>
    internal bool HasNoLinger => Linger == TimeSpan.Zero || _merged.Values.Any(static topic => topic.Linger == TimeSpan.Zero);

    /// <summary>The options as they are for one topic.</summary>
    internal ProducerOptions For(string topic) => _merged.GetValueOrDefault(topic) ?? this;

    /// <summary>The same options, checked, in an object of their own.</summary>
    /// <param name="client">The options of the client, whose request timeout is the default here.</param>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    internal ProducerOptions Validated(KafkaClientOptions client)
    {
        var valid = (ProducerOptions)MemberwiseClone();
        valid.RequestTimeout ??= client.RequestTimeout;
        valid.Rack = RackAwarePartitioning ? client.ClientRack : null;
        valid.CompressionLevel ??= CompressionLevels.Default(Compression);
        var mistakes = new List<string>();
        valid.CheckDelivery(mistakes);
        valid.CheckSizes(mistakes);
        valid.CheckTimes(mistakes);
        valid.CheckPartitioning(client, mistakes);
        valid.MergeTopics(client, mistakes);
        return mistakes.Count == 0 ? valid : throw new KafkaOptionsException(mistakes);
    }

    void MergeTopics(KafkaClientOptions client, List<string> mistakes)
    {
        _merged = new Dictionary<string, ProducerOptions>(StringComparer.Ordinal);
        foreach (var (name, own) in Topics ?? new Dictionary<string, ProducerTopicOptions>())
        {
            if (own is null)
            {
                mistakes.Add($"Topics[\"{name}\"] is null: leave it out, or say what differs.");
                continue;
            }
            var merged = Merge(own);
            var more = new List<string>();
            if (!TopicNames.IsValid(name))
                more.Add("that is no name of a topic.");
            merged.CheckSizes(more);
            merged.CheckTimes(more);
            merged.CheckPartitioning(client, more);
            // What is wrong for all topics was said already.
            mistakes.AddRange(more.Except(mistakes).Select(mistake => $"Topics[\"{name}\"]: {mistake}").ToArray());
            _merged[name] = merged;
        }
        UsesZstd = Compression == CompressionCodec.Zstd || _merged.Values.Any(static topic => topic.Compression == CompressionCodec.Zstd);
    }

    ProducerOptions Merge(ProducerTopicOptions own)
    {
        var merged = (ProducerOptions)MemberwiseClone();
        merged.Compression = own.Compression ?? Compression;
        merged.CompressionLevel = own.CompressionLevel ?? (own.Compression is { } codec ? CompressionLevels.Default(codec) : CompressionLevel);
        merged.Linger = own.Linger ?? Linger;
        merged.BatchSize = own.BatchSize ?? BatchSize;
        if (own.PartitionSelector is not null)
            (merged.Partitioner, merged.HashMissingKeys, merged.IgnoreKeys) = (Partitioner.Murmur2, false, false);
        else if (own.Partitioner is not null || own.HashMissingKeys is not null || own.IgnoreKeys is not null)
            merged.PartitionSelector = null;
        merged.PartitionSelector = own.PartitionSelector ?? merged.PartitionSelector;
        merged.Partitioner = own.Partitioner ?? merged.Partitioner;
        merged.HashMissingKeys = own.HashMissingKeys ?? merged.HashMissingKeys;
        merged.IgnoreKeys = own.IgnoreKeys ?? merged.IgnoreKeys;
        return merged;
    }

    void CheckDelivery(List<string> mistakes)
    {
        if (!Enum.IsDefined(Acks))
            mistakes.Add($"Acks is {(short)Acks}; it must be All (-1), None (0) or Leader (1).");
        if (MaxInFlight < 1)
            mistakes.Add($"MaxInFlight is {MaxInFlight}; it must be at least 1.");
        if (TransactionalId is { Length: 0 })
            mistakes.Add("TransactionalId is empty: name this producer, or leave it null for one without transactions.");
        if (TransactionalId is not null && EnableIdempotence == false)
            mistakes.Add("TransactionalId needs idempotence, and EnableIdempotence is false: leave one of them at its default.");
        if (EnableIdempotence != true && TransactionalId is null)
            return;
        if (Acks != Acks.All)
            mistakes.Add($"{WhatNeedsIt} needs Acks.All, and Acks is {Acks}: leave one of them at its default.");
        if (MaxInFlight > 5)
            mistakes.Add($"{WhatNeedsIt} allows a MaxInFlight of at most 5, and it is {MaxInFlight}: brokers remember five batches.");
    }

    string WhatNeedsIt => TransactionalId is null ? "EnableIdempotence" : "TransactionalId";

    void CheckSizes(List<string> mistakes)
    {
        if (BatchSize < 0)
            mistakes.Add($"BatchSize is {BatchSize}; it must not be negative (0 gives each record a batch of its own).");
        if (MaxRequestSize < 1024)
            mistakes.Add($"MaxRequestSize is {MaxRequestSize}; it must be at least 1024.");
        if (BatchSize > MaxRequestSize)
            mistakes.Add($"BatchSize ({BatchSize}) is above MaxRequestSize ({MaxRequestSize}): no full batch could be sent.");
        if (BufferMemory < Math.Max(BatchSize, 1024))
            mistakes.Add($"BufferMemory is {BufferMemory}; it must hold at least one batch, {Math.Max(BatchSize, 1024)} bytes.");
        if (!Enum.IsDefined(Compression))
            mistakes.Add($"Compression is {(int)Compression}, which is no codec.");
        else if (!CompressionLevels.IsValid(Compression, CompressionLevel!.Value))
            mistakes.Add($"CompressionLevel is {CompressionLevel}; {Compression} takes {CompressionLevels.Minimum(Compression)} to {CompressionLevels.Maximum(Compression)}, or {CompressionLevels.Default(Compression)} as its default.");
    }

    void CheckPartitioning(KafkaClientOptions client, List<string> mistakes)
    {
        if (!Enum.IsDefined(Partitioner))
            mistakes.Add($"Partitioner is {(int)Partitioner}, which is none.");
        if (HashMissingKeys && (IgnoreKeys || Partitioner == Partitioner.RoundRobin))
            mistakes.Add("HashMissingKeys is set, and keys do not count (IgnoreKeys, or Partitioner is RoundRobin): leave one of them out.");
        if (PartitionSelector is not null && (Partitioner != Partitioner.Murmur2 || HashMissingKeys || IgnoreKeys))
            mistakes.Add("PartitionSelector chooses for every record, so Partitioner, HashMissingKeys and IgnoreKeys have no effect: leave them out.");
        if (RackAwarePartitioning && string.IsNullOrEmpty(client.ClientRack))
            mistakes.Add("RackAwarePartitioning needs to know where this client runs: set ClientRack of the client's options to its rack, as broker.rack of the brokers names it.");
        Within(PartitionAvailabilityTimeout, TimeSpan.Zero, nameof(PartitionAvailabilityTimeout), mistakes);
        if (PartitionAvailabilityTimeout > TimeSpan.Zero && !AdaptivePartitioning)
            mistakes.Add("PartitionAvailabilityTimeout is set, and AdaptivePartitioning is off, without which nothing looks at it: leave one of them at its default.");
    }

    void CheckTimes(List<string> mistakes)
    {
        var before = mistakes.Count;
        Within(Linger, TimeSpan.Zero, nameof(Linger), mistakes);
        if (BufferTime != Timeout.InfiniteTimeSpan)
            Within(BufferTime, TimeSpan.FromMilliseconds(1), nameof(BufferTime), mistakes);
        if (MetadataMaxIdle != Timeout.InfiniteTimeSpan)
            Within(MetadataMaxIdle, TimeSpan.FromMilliseconds(1), nameof(MetadataMaxIdle), mistakes);
        Within(TransactionTimeout, TimeSpan.FromMilliseconds(1), nameof(TransactionTimeout), mistakes);
        if (TransactionTimeout.TotalMilliseconds > int.MaxValue)
            mistakes.Add($"TransactionTimeout is {TransactionTimeout}; it must be at most {TimeSpan.FromMilliseconds(int.MaxValue)}.");
        Within(MaxBlock, TimeSpan.Zero, nameof(MaxBlock), mistakes);
        Within(CloseTimeout, TimeSpan.Zero, nameof(CloseTimeout), mistakes);
        Within(RequestTimeout!.Value, TimeSpan.FromMilliseconds(1), nameof(RequestTimeout), mistakes);
        Within(DeliveryTimeout, TimeSpan.FromMilliseconds(1), nameof(DeliveryTimeout), mistakes);
        if (mistakes.Count == before && DeliveryTimeout < Linger + RequestTimeout.Value)
            mistakes.Add($"DeliveryTimeout ({DeliveryTimeout}) is below Linger and RequestTimeout together ({Linger + RequestTimeout.Value}): a record could run out of time before its first answer.");
    }

    static void Within(TimeSpan value, TimeSpan least, string name, List<string> mistakes)
    {
        if (value < least || value > LongestTime)
            mistakes.Add($"{name} is {value}; it must be from {least.TotalMilliseconds:0} ms to {LongestTime.TotalDays:0} days.");
    }
}
