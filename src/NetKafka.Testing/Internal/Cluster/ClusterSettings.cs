namespace NetKafka.Testing.Internal.Cluster;

/// <summary>What the whole cluster is set to. Defaults are the broker's, except where a test would wait for nothing.</summary>
sealed class ClusterSettings
{
    internal string ClusterId { get; init; } = "netkafka-embedded-00000";

    /// <summary>auto.create.topics.enable.</summary>
    internal bool AutoCreateTopics { get; set; } = true;

    /// <summary>num.partitions.</summary>
    internal int DefaultPartitions { get; set; } = 1;

    /// <summary>default.replication.factor, cut to the number of brokers.</summary>
    internal int DefaultReplicationFactor { get; set; } = 3;

    /// <summary>message.max.bytes.</summary>
    internal int MaxMessageBytes { get; set; } = 1_048_588;

    /// <summary>min.insync.replicas.</summary>
    internal int MinInSyncReplicas { get; set; } = 1;

    /// <summary>socket.request.max.bytes.</summary>
    internal int MaxRequestBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>fetch.max.bytes.</summary>
    internal int MaxFetchBytes { get; set; } = 55 * 1024 * 1024;

    /// <summary>max.incremental.fetch.session.cache.slots of each broker.</summary>
    internal int MaxFetchSessions { get; set; } = 1000;

    /// <summary>
    /// A client that has a session and begins another on the same connection, for nothing, is answered with INVALID_REQUEST: real brokers let
    /// it, and both pay for it with each fetch.
    /// </summary>
    internal bool RefusesNeedlessFullFetches { get; set; }

    /// <summary>offset.metadata.max.bytes.</summary>
    internal int MaxOffsetMetadataBytes { get; set; } = 4096;

    /// <summary>group.min.session.timeout.ms.</summary>
    internal int MinSessionTimeoutMs { get; set; } = 6_000;

    /// <summary>group.max.session.timeout.ms.</summary>
    internal int MaxSessionTimeoutMs { get; set; } = 1_800_000;

    /// <summary>group.max.size.</summary>
    internal int MaxGroupSize { get; set; } = int.MaxValue;

    /// <summary>group.initial.rebalance.delay.ms; 3,000 on a broker.</summary>
    internal int InitialRebalanceDelayMs { get; set; }

    /// <summary>
    /// The finalized level of the feature group.version: 0 as up to Kafka 3.9, where members of the consumer protocol are refused though
    /// its requests are announced; 1 where it is served (KIP-848).
    /// </summary>
    internal short GroupVersion { get; set; } = 1;

    /// <summary>group.consumer.session.timeout.ms.</summary>
    internal int ConsumerSessionTimeoutMs { get; set; } = 45_000;

    /// <summary>group.consumer.heartbeat.interval.ms.</summary>
    internal int ConsumerHeartbeatIntervalMs { get; set; } = 5_000;

    /// <summary>group.consumer.max.size.</summary>
    internal int MaxConsumerGroupSize { get; set; } = int.MaxValue;

    /// <summary>group.consumer.migration.policy.</summary>
    internal GroupMigrationPolicy GroupMigration { get; set; } = GroupMigrationPolicy.Bidirectional;

    /// <summary>group.consumer.assignment.interval.ms, the least time between two targets of a group; 1,000 on a broker (KIP-1263).</summary>
    internal int ConsumerAssignmentIntervalMs { get; set; }

    /// <summary>The least time between two looks at what a group's regular expressions match; 10,000 on a broker.</summary>
    internal int RegexRefreshMinIntervalMs { get; set; }

    /// <summary>The finalized level of the feature share.version: 1 where share groups are served (KIP-932), 0 where they are refused.</summary>
    internal short ShareVersion { get; set; } = 1;

    /// <summary>group.share.session.timeout.ms.</summary>
    internal int ShareSessionTimeoutMs { get; set; } = 45_000;

    /// <summary>group.share.heartbeat.interval.ms.</summary>
    internal int ShareHeartbeatIntervalMs { get; set; } = 5_000;

    /// <summary>group.share.max.size.</summary>
    internal int MaxShareGroupSize { get; set; } = 200;

    /// <summary>group.share.record.lock.duration.ms.</summary>
    internal int ShareRecordLockDurationMs { get; set; } = 30_000;

    /// <summary>group.share.delivery.count.limit.</summary>
    internal int ShareDeliveryCountLimit { get; set; } = 5;

    /// <summary>group.share.partition.max.record.locks.</summary>
    internal int SharePartitionMaxRecordLocks { get; set; } = 2_000;

    /// <summary>group.share.max.share.sessions of each broker.</summary>
    internal int MaxShareSessions { get; set; } = 2_000;

    /// <summary>The finalized level of streams.version: with 1 streams groups are served (KIP-1071).</summary>
    internal short StreamsVersion { get; set; } = 1;

    /// <summary>group.streams.session.timeout.ms.</summary>
    internal int StreamsSessionTimeoutMs { get; set; } = 45_000;

    /// <summary>group.streams.heartbeat.interval.ms.</summary>
    internal int StreamsHeartbeatIntervalMs { get; set; } = 5_000;

    /// <summary>group.streams.initial.rebalance.delay.ms; 3,000 on a broker.</summary>
    internal int StreamsInitialRebalanceDelayMs { get; set; }

    /// <summary>group.streams.assignment.interval.ms; 1,000 on a broker (KIP-1263).</summary>
    internal int StreamsAssignmentIntervalMs { get; set; }

    /// <summary>group.streams.max.size.</summary>
    internal int MaxStreamsGroupSize { get; set; } = int.MaxValue;

    /// <summary>group.share.assignment.interval.ms, the least time between two targets of a share group; 1,000 on a broker (KIP-1263).</summary>
    internal int ShareAssignmentIntervalMs { get; set; }

    /// <summary>transaction.max.timeout.ms.</summary>
    internal int MaxTransactionTimeoutMs { get; set; } = 900_000;

    /// <summary>
    /// The finalized level of the feature transaction.version: 0 or 1 as before Kafka 4.0, 2 where each end of a transaction raises the
    /// epoch (KIP-890).
    /// </summary>
    internal short TransactionVersion { get; set; } = 2;

    /// <summary>
    /// The finalized level of the feature kraft.version: 0 where the voters are those of the configuration files, 1 where they can be added and
    /// removed (KIP-853).
    /// </summary>
    internal short KRaftVersion { get; set; }

    /// <summary>Grows with each change of a finalized feature.</summary>
    internal long FeaturesEpoch { get; set; } = 1;

    /// <summary>transaction.partition.verification.enable: what is written into a transaction must have been added to it.</summary>
    internal bool VerifiesTransactions { get; set; } = true;

    /// <summary>How long it takes to write the markers of a transaction whose end is decided. 0: at once.</summary>
    internal int TransactionMarkerDelayMs { get; set; }

    /// <summary>
    /// How long the followers take to copy what the leader appended. 0: every append is at once on all replicas in sync. With
    /// more, records stay above the high watermark that long, and a leader that is killed takes them along.
    /// </summary>
    internal int ReplicationDelayMs { get; set; }

    /// <summary>
    /// replica.selector.class is the rack-aware one (KIP-392): a leader names a replica in sync of the consumer's rack to fetch from, and
    /// followers serve consumers. Otherwise leaders alone do, where real followers would serve who asks them.
    /// </summary>
    internal bool SelectsReplicasByRack { get; set; }

    /// <summary>
    /// Poses as a broker before 2.5: a producer of whom nothing is remembered must begin at sequence 0, else it hears
    /// UNKNOWN_PRODUCER_ID.
    /// </summary>
    internal bool RejectUnknownProducers { get; set; }

    /// <summary>
    /// Answers a batch that the log has with DUPLICATE_SEQUENCE_NUMBER, as the protocol allows, and not as brokers do, with the
    /// offsets that it has.
    /// </summary>
    internal bool NamesDuplicates { get; set; }

    /// <summary>Fetch answers are cut at the byte limit in the middle of a batch, as brokers do.</summary>
    internal bool CutLastFetchedBatch { get; set; } = true;

    /// <summary>Aborted transactions are listed from the last to the first: no order is promised.</summary>
    internal bool TurnsAbortedList { get; set; }

    /// <summary>Whether there is an authorizer (authorizer.class.name), so that ACLs can be stored.</summary>
    internal bool HasAuthorizer { get; set; }

    /// <summary>Whether there is a delegation.token.secret.key, so that clients with a name are given delegation tokens.</summary>
    internal bool HasTokens { get; set; }

    /// <summary>delegation.token.max.lifetime.ms.</summary>
    internal long TokenMaxLifetimeMs { get; set; } = 604_800_000;

    /// <summary>delegation.token.expiry.time.ms.</summary>
    internal long TokenExpiryTimeMs { get; set; } = 86_400_000;

    /// <summary>delegation.token.expiry.check.interval.ms.</summary>
    internal long TokenSweepIntervalMs { get; set; } = 3_600_000;

    /// <summary>What is added to the machine's time to get the wall clock, in ms since 1970 UTC.</summary>
    internal long WallClockOffsetMs { get; set; }

    /// <summary>
    /// The versions of an API that are announced, within what the handlers can; a range with max below min hides the API.
    /// By key, so that the cluster can pose as an older one.
    /// </summary>
    internal SortedDictionary<short, (short Min, short Max)> ApiVersionLimits { get; } = [];
}
