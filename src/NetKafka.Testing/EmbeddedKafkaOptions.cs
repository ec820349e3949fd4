namespace NetKafka.Testing;

/// <summary>What an <see cref="EmbeddedKafka"/> starts with. Read once by <see cref="EmbeddedKafka.Start"/>.</summary>
public sealed class EmbeddedKafkaOptions
{
    /// <summary>How many brokers there are, with the ids 1, 2, and so on. Default 1; from 1 to 100.</summary>
    public int Brokers { get; set; } = 1;

    /// <summary>
    /// Partitions of a topic that is created without a number (Kafka's <c>num.partitions</c>). Default 1; from 1 to 10,000.
    /// </summary>
    public int DefaultPartitions { get; set; } = 1;

    /// <summary>
    /// Whether a topic is created when a client first asks for it (Kafka's <c>auto.create.topics.enable</c>). Default true.
    /// </summary>
    public bool AutoCreateTopics { get; set; } = true;

    /// <summary>
    /// Whether the brokers also listen on loopback ports that the system chooses, so that any Kafka client can talk to them.
    /// Default false: they are reached through <see cref="EmbeddedKafka.ConnectAsync"/> alone, and no port is opened.
    /// </summary>
    public bool Tcp { get; set; }

    /// <summary>
    /// Whether leaders send consumers to a replica in their rack (Kafka's <c>replica.selector.class</c> with its
    /// <c>RackAwareReplicaSelector</c>, KIP-392). Broker N is in the rack <c>rack-N</c>. Default false, as on a broker.
    /// </summary>
    public bool SelectReplicasByRack { get; set; }

    /// <summary>
    /// How long a new group waits for more members before its first generation (Kafka's
    /// <c>group.initial.rebalance.delay.ms</c>). Default zero, against 3 seconds on a broker; at most one hour.
    /// </summary>
    public TimeSpan InitialRebalanceDelay { get; set; }

    /// <summary>
    /// The shortest session timeout a member may ask for (Kafka's <c>group.min.session.timeout.ms</c>). Default 6 seconds, as on
    /// a broker; from 1 millisecond to 30 minutes. Lower it for tests in which members fail.
    /// </summary>
    public TimeSpan MinSessionTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// The largest batch a broker accepts, in bytes (Kafka's <c>message.max.bytes</c>; a topic's <c>max.message.bytes</c> goes
    /// before it). Default 1,048,588; from 100 to 100 MiB.
    /// </summary>
    public int MaxMessageBytes { get; set; } = 1_048_588;

    /// <summary>
    /// The finalized level of the feature <c>transaction.version</c>. With 2, the default and that of new clusters from Kafka 4.0 on, each
    /// end of a transaction brings another epoch (KIP-890); 0 and 1 are the rules before. From 0 to 2.
    /// </summary>
    public int TransactionVersion { get; set; } = 2;

    /// <summary>
    /// The finalized level of the feature <c>group.version</c>. With 1, the default and that of new clusters from Kafka 4.0 on, groups may
    /// use the consumer protocol (KIP-848); with 0 its members are refused, as by Kafka 3.9. From 0 to 1.
    /// </summary>
    public int GroupVersion { get; set; } = 1;

    /// <summary>
    /// How often members of the consumer protocol are told to send heartbeats (Kafka's <c>group.consumer.heartbeat.interval.ms</c>). Every
    /// step of a rebalance waits for one. Default 500 milliseconds, against 5 seconds on a broker; from 1 millisecond up, and below
    /// <see cref="ConsumerSessionTimeout"/>.
    /// </summary>
    public TimeSpan ConsumerHeartbeatInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a member of the consumer protocol may be silent before its partitions go to others (Kafka's
    /// <c>group.consumer.session.timeout.ms</c>). Default 45 seconds, as on a broker; from 1 millisecond to 30 minutes. Lower it for tests
    /// in which members fail.
    /// </summary>
    public TimeSpan ConsumerSessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// The finalized level of the feature <c>share.version</c>. With 1, the default and that of new clusters from Kafka 4.2 on, share groups
    /// are served (KIP-932); with 0 they are refused. From 0 to 1.
    /// </summary>
    public int ShareVersion { get; set; } = 1;

    /// <summary>
    /// How often members of share groups are told to send heartbeats (Kafka's <c>group.share.heartbeat.interval.ms</c>). A member is given
    /// its first partitions by the second one. Default 500 milliseconds, against 5 seconds on a broker; from 1 millisecond up, and below
    /// <see cref="ShareSessionTimeout"/>.
    /// </summary>
    public TimeSpan ShareHeartbeatInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a member of a share group may be silent before it is out (Kafka's <c>group.share.session.timeout.ms</c>). Default 45
    /// seconds, as on a broker; from 1 millisecond to 30 minutes.
    /// </summary>
    public TimeSpan ShareSessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// How long a record that a member of a share group has acquired is nobody else's (Kafka's
    /// <c>group.share.record.lock.duration.ms</c>). Default 30 seconds, as on a broker; from 1 millisecond to 30 minutes. Lower it for tests
    /// in which members fail. A group's <c>share.record.lock.duration.ms</c> goes before it:
    /// <see cref="EmbeddedKafka.SetGroupConfig"/>.
    /// </summary>
    public TimeSpan ShareRecordLockDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest transaction that a producer may ask for (Kafka's <c>transaction.max.timeout.ms</c>). Default 15 minutes; from 1 millisecond to 24 days.</summary>
    public TimeSpan MaxTransactionTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Whether there is an authorizer (Kafka's <c>authorizer.class.name</c>), so that ACLs can be created, described and deleted. They are
    /// kept and not enforced: every client may do everything. Default false, as on a broker: all that is asked of ACLs is answered with
    /// SECURITY_DISABLED.
    /// </summary>
    public bool StoresAcls { get; set; }

    /// <summary>
    /// Whether clients that have a name (<see cref="EmbeddedKafka.ConnectAs"/>) are given delegation tokens (Kafka's
    /// <c>delegation.token.secret.key</c>). Default false, as on a broker: DELEGATION_TOKEN_AUTH_DISABLED. Clients without a name are told
    /// DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
    /// </summary>
    public bool IssuesDelegationTokens { get; set; }

    /// <summary>
    /// For how long a delegation token can be renewed at most (Kafka's <c>delegation.token.max.lifetime.ms</c>). Default 7 days, as on a
    /// broker; from 1 millisecond to 3,650 days.
    /// </summary>
    public TimeSpan DelegationTokenMaxLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// After how long a delegation token expires unless it is renewed (Kafka's <c>delegation.token.expiry.time.ms</c>). Default 1 day, as on a
    /// broker; from 1 millisecond to 3,650 days.
    /// </summary>
    public TimeSpan DelegationTokenExpiryTime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The clock of the brokers: sessions, waits, timestamps. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Of the ids of topics and members: the same seed and calls give the same ids. Default 0.</summary>
    public long Seed { get; set; }

    /// <summary>Lists every mistake at once.</summary>
    /// <exception cref="ArgumentException">One option or more is out of range; the message names each.</exception>
    internal void Validate()
    {
        var mistakes = new List<string>();
        Check(Brokers is >= 1 and <= 100, $"Brokers is {Brokers}; it must be from 1 to 100.");
        Check(DefaultPartitions is >= 1 and <= 10_000, $"DefaultPartitions is {DefaultPartitions}; it must be from 1 to 10,000.");
        Check(
            InitialRebalanceDelay >= TimeSpan.Zero && InitialRebalanceDelay <= TimeSpan.FromHours(1),
            $"InitialRebalanceDelay is {InitialRebalanceDelay}; it must be from zero to one hour.");
        Check(
            MinSessionTimeout >= TimeSpan.FromMilliseconds(1) && MinSessionTimeout <= TimeSpan.FromMinutes(30),
            $"MinSessionTimeout is {MinSessionTimeout}; it must be from 1 millisecond to 30 minutes.");
        Check(
            MaxMessageBytes is >= 100 and <= 100 * 1024 * 1024,
            $"MaxMessageBytes is {MaxMessageBytes}; it must be from 100 to 104,857,600.");
        Check(TransactionVersion is >= 0 and <= 2, $"TransactionVersion is {TransactionVersion}; it must be from 0 to 2.");
        Check(
            MaxTransactionTimeout >= TimeSpan.FromMilliseconds(1) && MaxTransactionTimeout <= TimeSpan.FromDays(24),
            $"MaxTransactionTimeout is {MaxTransactionTimeout}; it must be from 1 millisecond to 24 days.");
        Check(GroupVersion is 0 or 1, $"GroupVersion is {GroupVersion}; it must be 0 or 1.");
        Check(
            ConsumerSessionTimeout >= TimeSpan.FromMilliseconds(1) && ConsumerSessionTimeout <= TimeSpan.FromMinutes(30),
            $"ConsumerSessionTimeout is {ConsumerSessionTimeout}; it must be from 1 millisecond to 30 minutes.");
        Check(
            ConsumerHeartbeatInterval >= TimeSpan.FromMilliseconds(1) && ConsumerHeartbeatInterval < ConsumerSessionTimeout,
            $"ConsumerHeartbeatInterval is {ConsumerHeartbeatInterval}; it must be 1 millisecond or more and below ConsumerSessionTimeout, {ConsumerSessionTimeout}.");
        Check(ShareVersion is 0 or 1, $"ShareVersion is {ShareVersion}; it must be 0 or 1.");
        Check(
            ShareSessionTimeout >= TimeSpan.FromMilliseconds(1) && ShareSessionTimeout <= TimeSpan.FromMinutes(30),
            $"ShareSessionTimeout is {ShareSessionTimeout}; it must be from 1 millisecond to 30 minutes.");
        Check(
            ShareHeartbeatInterval >= TimeSpan.FromMilliseconds(1) && ShareHeartbeatInterval < ShareSessionTimeout,
            $"ShareHeartbeatInterval is {ShareHeartbeatInterval}; it must be 1 millisecond or more and below ShareSessionTimeout, {ShareSessionTimeout}.");
        Check(
            ShareRecordLockDuration >= TimeSpan.FromMilliseconds(1) && ShareRecordLockDuration <= TimeSpan.FromMinutes(30),
            $"ShareRecordLockDuration is {ShareRecordLockDuration}; it must be from 1 millisecond to 30 minutes.");
        Check(
            DelegationTokenMaxLifetime >= TimeSpan.FromMilliseconds(1) && DelegationTokenMaxLifetime <= TimeSpan.FromDays(3650),
            $"DelegationTokenMaxLifetime is {DelegationTokenMaxLifetime}; it must be from 1 millisecond to 3,650 days.");
        Check(
            DelegationTokenExpiryTime >= TimeSpan.FromMilliseconds(1) && DelegationTokenExpiryTime <= TimeSpan.FromDays(3650),
            $"DelegationTokenExpiryTime is {DelegationTokenExpiryTime}; it must be from 1 millisecond to 3,650 days.");
        Check(TimeProvider is not null, "TimeProvider is null; leave the default for the system's clock.");
        if (mistakes.Count > 0)
            throw new ArgumentException($"EmbeddedKafkaOptions cannot be used. {string.Join(' ', mistakes)}");

        void Check(bool holds, string mistake)
        {
            if (!holds)
                mistakes.Add(mistake);
        }
    }
}
