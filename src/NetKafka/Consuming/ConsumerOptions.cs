namespace NetKafka.Consuming;

/// <summary>
/// What a consumer needs to know. Plain properties that bind from configuration; they are checked together when the consumer
/// is created, and later changes have no effect on it. Defaults are Java's where nothing else is said.
/// </summary>
public sealed class ConsumerOptions
{
    static readonly TimeSpan DefaultSessionTimeout = TimeSpan.FromSeconds(45);
    static readonly TimeSpan DefaultHeartbeatInterval = TimeSpan.FromSeconds(3);
    static readonly PartitionAssignmentStrategy[] DefaultStrategies = [PartitionAssignmentStrategy.Range, PartitionAssignmentStrategy.CooperativeSticky];

    TimeSpan? _sessionTimeout;
    TimeSpan? _heartbeatInterval;

    /// <summary>
    /// The group whose members share the topics and in whose name offsets are committed. Null: no group; then partitions are
    /// assigned by hand and nothing can be committed. Default null. Kafka's name: <c>group.id</c>.
    /// </summary>
    public string? GroupId { get; set; }

    /// <summary>
    /// The topics that are read as a member of the group, beside those of the patterns. Nothing of either: partitions are assigned by
    /// hand, until <see cref="Consumer{TKey, TValue}.SubscribeAsync(IEnumerable{string}, CancellationToken)"/>. The group is joined
    /// when reading begins. Default empty.
    /// </summary>
    public IList<string> Topics { get; set; } = [];

    /// <inheritdoc cref="TopicSubscription.Pattern"/>
    public string? TopicPattern { get; set; }

    /// <summary>A regular expression of .NET: of what <see cref="TopicPattern"/> matches, topics whose whole name it matches are left out. Default none.</summary>
    public string? TopicExcludePattern { get; set; }

    /// <summary>
    /// Whether <see cref="TopicPattern"/> leaves out Kafka's own topics, as <c>__consumer_offsets</c>. Default true. Kafka's name:
    /// <c>exclude.internal.topics</c>.
    /// </summary>
    public bool ExcludeInternalTopics { get; set; } = true;

    /// <inheritdoc cref="TopicSubscription.BrokerPattern"/>
    public string? BrokerTopicPattern { get; set; }

    /// <summary>
    /// A lasting id of this member (KIP-345): a member that comes back under it within the session timeout gets its partitions
    /// back without a rebalance, and closing does not give them up. It must be unique in the group. Default null. Kafka's
    /// name: <c>group.instance.id</c>.
    /// </summary>
    public string? GroupInstanceId { get; set; }

    /// <summary>
    /// How this member and the group's coordinator share partitions. Default <see cref="Consuming.GroupProtocol.Classic"/>, as Java. Kafka's
    /// name: <c>group.protocol</c>.
    /// </summary>
    public GroupProtocol GroupProtocol { get; set; } = GroupProtocol.Classic;

    /// <summary>
    /// Which of the broker's assignors (<c>group.consumer.assignors</c>) the group is to use; the one that most members name counts. Only of
    /// the consumer protocol. Default null: the broker's first, <c>uniform</c>. Kafka's name: <c>group.remote.assignor</c>.
    /// </summary>
    public string? GroupRemoteAssignor { get; set; }

    /// <summary>
    /// Where to begin where the group has no offset, or there is no group. Default
    /// <see cref="Consuming.AutoOffsetReset.Latest"/>, as Java: a new group does not read what was written before it. Kafka's
    /// name: <c>auto.offset.reset</c>.
    /// </summary>
    public AutoOffsetReset AutoOffsetReset { get; set; } = AutoOffsetReset.Latest;

    /// <summary>
    /// Where to go on where the log does not hold the position: what it named was deleted before it was read, or cut off. To go on at the
    /// oldest record that is left (<see cref="Consuming.AutoOffsetReset.Earliest"/>) misses what was deleted and nothing more; the end
    /// misses all that is there. Default null: as <see cref="AutoOffsetReset"/>, which in Java serves both. A topic that was deleted and created
    /// anew under its name while it is read is read from its beginning, unless the rule is to go on nowhere; by the consumer protocol the group
    /// gives out its partitions anew, and <see cref="AutoOffsetReset"/> counts. That takes brokers that tell topics' ids (from 2.8 on).
    /// </summary>
    public AutoOffsetReset? OutOfRangeReset { get; set; }

    /// <summary>
    /// Which records of transactions are read. Default <see cref="Consuming.IsolationLevel.ReadUncommitted"/>. Kafka's name:
    /// <c>isolation.level</c>.
    /// </summary>
    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadUncommitted;

    /// <summary>
    /// Whether finished positions are committed by themselves: every <see cref="AutoCommitInterval"/>, before partitions are
    /// given up, and when the consumer closes. A record is finished when the loop asks for the next one, so nothing is
    /// committed that the application has not done. Default true. Kafka's name: <c>enable.auto.commit</c>.
    /// </summary>
    public bool EnableAutoCommit { get; set; } = true;

    /// <summary>
    /// How often finished positions are committed. Default 5 s, at least 10 ms. Kafka's name:
    /// <c>auto.commit.interval.ms</c>.
    /// </summary>
    public TimeSpan AutoCommitInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long without a heartbeat the coordinator takes a member for dead. Default 45 s, within the bounds that the
    /// broker sets (<c>group.min.session.timeout.ms</c>, <c>group.max.session.timeout.ms</c>). Only of the classic protocol: of the
    /// consumer protocol the broker sets it (<c>group.consumer.session.timeout.ms</c>). Kafka's name: <c>session.timeout.ms</c>.
    /// </summary>
    public TimeSpan SessionTimeout
    {
        get => _sessionTimeout ?? DefaultSessionTimeout;
        set => _sessionTimeout = value;
    }

    /// <summary>
    /// How often the member shows that it lives, however long the application takes for a record. Default 3 s, at least
    /// 50 ms and below <see cref="SessionTimeout"/>. Only of the classic protocol: of the consumer protocol the broker sets it
    /// (<c>group.consumer.heartbeat.interval.ms</c>). Kafka's name: <c>heartbeat.interval.ms</c>.
    /// </summary>
    public TimeSpan HeartbeatInterval
    {
        get => _heartbeatInterval ?? DefaultHeartbeatInterval;
        set => _heartbeatInterval = value;
    }

    /// <summary>
    /// How long the application may take between two reads, and a handler of <see cref="Consumer{TKey, TValue}.ProcessAsync"/>
    /// for a record; a member that takes longer leaves the group, and joins again with the next read. It also bounds how long a
    /// rebalance waits for this member. Default 5 minutes, at least <see cref="SessionTimeout"/> is wise. Kafka's name: <c>max.poll.interval.ms</c>.
    /// </summary>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How the group shares partitions, the favourite first; the group takes the first that all members name. Members go on reading
    /// during a rebalance only if everything they name, <see cref="CustomAssignors"/> among it, supports that
    /// (<see cref="RebalanceProtocol.Cooperative"/>). Default range, then cooperative-sticky, so that a later change to
    /// cooperative-sticky alone needs one rolling restart only. May be empty beside <see cref="CustomAssignors"/>. Racks count where
    /// <see cref="KafkaClientOptions.ClientRack"/> is set (KIP-881). Only of the classic protocol; of the consumer protocol see
    /// <see cref="GroupRemoteAssignor"/>. Kafka's name: <c>partition.assignment.strategy</c>.
    /// </summary>
    public IList<PartitionAssignmentStrategy> PartitionAssignmentStrategies { get; set; } = [.. DefaultStrategies];

    /// <summary>
    /// The application's own ways to share partitions, the favourite first; they come before
    /// <see cref="PartitionAssignmentStrategies"/>, and the group takes the first of all that all members name. An object serves one
    /// consumer. Default empty. Kafka's name, together with them: <c>partition.assignment.strategy</c>.
    /// </summary>
    public IList<ConsumerPartitionAssignor> CustomAssignors { get; set; } = [];

    /// <summary>
    /// How many records <see cref="Consumer{TKey, TValue}.PollAsync"/> returns at most where it is not said in the call. Default 500, at
    /// least 1. Loops and runners have no use for it. Kafka's name: <c>max.poll.records</c>.
    /// </summary>
    public int MaxPollRecords { get; set; } = 500;

    /// <summary>
    /// How many bytes a broker waits for before it answers a fetch, at most <see cref="FetchMaxWait"/>. Default 1. Kafka's
    /// name: <c>fetch.min.bytes</c>.
    /// </summary>
    public int FetchMinBytes { get; set; } = 1;

    /// <summary>
    /// How long a broker may wait for <see cref="FetchMinBytes"/>. Default 500 ms. Kafka's name: <c>fetch.max.wait.ms</c>.
    /// </summary>
    public TimeSpan FetchMaxWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How many bytes one fetch may bring, if a quarter of <see cref="MaxPrefetchBytes"/> is not less; a first batch that is
    /// larger still comes whole. Default 50 MiB, at least 1 KiB. Kafka's name: <c>fetch.max.bytes</c>.
    /// </summary>
    public int FetchMaxBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>
    /// How many bytes of one partition a fetch may bring; a first batch that is larger still comes whole. Default 1 MiB, at
    /// least 1 KiB. Kafka's name: <c>max.partition.fetch.bytes</c>.
    /// </summary>
    public int MaxPartitionFetchBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many fetched bytes may wait for the application. A fetch leaves while no more than three quarters of it do, and
    /// brings up to one quarter, at least one <see cref="MaxPartitionFetchBytes"/>, from each broker. So it may be exceeded
    /// where there are several brokers. <see cref="Consumer{TKey, TValue}.ProcessAsync"/> keeps as much again for records in
    /// hand. Default 64 MiB, at least <see cref="MaxPartitionFetchBytes"/>.
    /// </summary>
    public int MaxPrefetchBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long a call may take that is given no time of its own: commits, seeks, look-ups of offsets. A loop that reads waits
    /// as long for the first broker, and for topics of which none exists. Default 60 s. Kafka's name:
    /// <c>default.api.timeout.ms</c>.
    /// </summary>
    public TimeSpan DefaultApiTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long closing may take: waiting for the record in hand, committing, leaving the group. Default 5 s (Java: 30 s), so
    /// that a program ends soon even while brokers do not answer.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Called when partitions were assigned and before anything of them is read; a seek in it takes the place of the committed
    /// offset. What it throws reaches the reading loop. Default none.
    /// </summary>
    public Func<RebalanceContext, ValueTask>? OnPartitionsAssigned { get; set; }

    /// <summary>
    /// Called before partitions are given up, once the application has finished the record or batch in hand; a commit in it
    /// still counts. Finished positions are committed after it if <see cref="EnableAutoCommit"/> is set. What it throws
    /// reaches the reading loop. Default none.
    /// </summary>
    public Func<RebalanceContext, ValueTask>? OnPartitionsRevoked { get; set; }

    /// <summary>
    /// Called when partitions were lost without warning: the member was taken for dead, and another may read them already.
    /// Nothing can be committed for them. Default: <see cref="OnPartitionsRevoked"/>, as Java.
    /// </summary>
    public Func<RebalanceContext, ValueTask>? OnPartitionsLost { get; set; }

    /// <summary>
    /// Decides on a record whose key or value cannot be read (KIP-334): whether reading goes on behind it or ends. It may hand the record on
    /// before, to a topic for such records, since the exception carries raw key, raw value and headers (KIP-1036). Until it has decided the
    /// record is in hand: its partition is not given up, and its place is not committed. What it throws reaches the reader.
    /// <para>
    /// It serves <see cref="Consumer{TKey, TValue}.ReadAllAsync"/> and <see cref="Consumer{TKey, TValue}.ProcessAsync"/>, which may call it for
    /// several records at a time. A batch throws from its enumerator instead. The token is that of the loop, or of the record's handler.
    /// Default none: reading throws the exception, and <see cref="Consumer{TKey, TValue}.SkipAsync"/> leads past the record.
    /// </para>
    /// </summary>
    public Func<KafkaSerializationException, CancellationToken, ValueTask<UnreadableRecordAction>>? OnUnreadableRecord { get; set; }

    /// <summary>
    /// Called when reading has come to the end of a partition: to its high watermark, under read-committed to its last stable offset. It
    /// comes once each time the end is reached, behind the last record before it and once that is finished, with the offset of the record
    /// to come; and again where the end is reached from a seek. Markers and records of aborted transactions, which are passed, count as
    /// read. The loop waits for it; what it throws reaches the reader. <see cref="Consumer{TKey, TValue}.ProcessAsync"/> calls it once all
    /// records before it are in hand, though handlers may still work on them. The token is that of the loop. Default none, and then it
    /// costs nothing.
    /// </summary>
    public Func<TopicPartitionOffset, CancellationToken, ValueTask>? OnPartitionEnd { get; set; }

    /// <summary>
    /// Called where reading passes the end of a transaction: the markers that coordinators write, which take offsets and are no records. They
    /// come in the order of the partition, behind the records before them, on the thread that reads; so it is to be brief. What it throws
    /// reaches the reader, and the marker comes again. <see cref="Consumer{TKey, TValue}.ProcessAsync"/> calls it as it takes records into
    /// hand, ahead of their handlers. Default none, and then they are passed without a word.
    /// </summary>
    public Action<TransactionMarker>? OnTransactionMarker { get; set; }

    /// <summary>What is subscribed to when the consumer is made.</summary>
    internal TopicSubscription Subscription => new()
    {
        Topics = Topics, Pattern = TopicPattern, ExcludePattern = TopicExcludePattern, ExcludeInternalTopics = ExcludeInternalTopics,
        BrokerPattern = BrokerTopicPattern,
    };

    /// <summary>Whether something was set that the classic protocol alone has.</summary>
    internal bool HasClassicSettings => ClassicSettings.Any();

    IEnumerable<string> ClassicSettings
    {
        get
        {
            if (_sessionTimeout is not null)
                yield return nameof(SessionTimeout);
            if (_heartbeatInterval is not null)
                yield return nameof(HeartbeatInterval);
            if (PartitionAssignmentStrategies is { } strategies && !strategies.SequenceEqual(DefaultStrategies))
                yield return nameof(PartitionAssignmentStrategies);
            if (CustomAssignors is { Count: > 0 })
                yield return nameof(CustomAssignors);
        }
    }

    /// <summary>The same options, checked, in an object of their own.</summary>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    internal ConsumerOptions Validated()
    {
        var mistakes = new List<string>();
        CheckGroup(mistakes);
        CheckProtocol(mistakes);
        CheckTimes(mistakes);
        CheckFetch(mistakes);
        if (mistakes.Count > 0)
            throw new KafkaOptionsException(mistakes);
        var copy = (ConsumerOptions)MemberwiseClone();
        copy.Topics = [.. Topics.Distinct().Order(StringComparer.Ordinal)];
        copy.PartitionAssignmentStrategies = [.. PartitionAssignmentStrategies.Distinct()];
        copy.CustomAssignors = [.. CustomAssignors];
        return copy;
    }

    void CheckGroup(List<string> mistakes)
    {
        if (GroupId is "")
            mistakes.Add("GroupId is empty: give the group a name, or null for no group.");
        if (GroupInstanceId is "")
            mistakes.Add("GroupInstanceId is empty: give it a value that is unique in the group, or null.");
        Subscription.Check(GroupProtocol, mistakes, "Topic");
        if (Topics is not null && !Subscription.IsEmpty && GroupId is null)
            mistakes.Add("Topics are subscribed, which takes a GroupId; to read without a group, leave Topics empty and "
                + "assign partitions.");
        CheckAssignors(mistakes);
        if (!Enum.IsDefined(IsolationLevel))
            mistakes.Add($"IsolationLevel is {IsolationLevel}, which is no value of it.");
    }

    void CheckProtocol(List<string> mistakes)
    {
        if (!Enum.IsDefined(GroupProtocol))
            mistakes.Add($"GroupProtocol is {GroupProtocol}, which is no value of it.");
        if (GroupProtocol == GroupProtocol.Consumer && HasClassicSettings)
            mistakes.Add($"GroupProtocol is Consumer, and {string.Join(", ", ClassicSettings)} has a value that only the classic protocol has: the "
                + "broker decides on it in the consumer protocol. Leave it out, or set GroupProtocol to Classic.");
        if (GroupRemoteAssignor is "")
            mistakes.Add("GroupRemoteAssignor is empty: name one of the broker's assignors, as uniform or range, or null for its first.");
        if (GroupRemoteAssignor is not null && GroupProtocol == GroupProtocol.Classic)
            mistakes.Add("GroupRemoteAssignor is set, which only the consumer protocol has: set GroupProtocol to Consumer or Automatic.");
    }

    void CheckAssignors(List<string> mistakes)
    {
        if (CustomAssignors is null || CustomAssignors.Any(assignor => assignor is null))
        {
            mistakes.Add("CustomAssignors is null, or has a null in it.");
            return;
        }
        if (PartitionAssignmentStrategies is null || (PartitionAssignmentStrategies is [] && CustomAssignors is []))
            mistakes.Add("PartitionAssignmentStrategies is empty: name at least one.");
        else if (PartitionAssignmentStrategies.Any(strategy => !Enum.IsDefined(strategy)))
            mistakes.Add("PartitionAssignmentStrategies has a value that is no strategy.");
        else
            CheckCustomAssignors([.. PartitionAssignmentStrategies.Distinct().Select(NameOf)], mistakes);
    }

    void CheckCustomAssignors(List<string> names, List<string> mistakes)
    {
        // All of Kafka's own can be used eagerly, and only cooperative-sticky otherwise.
        var (isEager, isCooperative) = (true, names.All(name => name == NameOf(PartitionAssignmentStrategy.CooperativeSticky)));
        foreach (var assignor in CustomAssignors)
        {
            var (name, type, protocols) = (assignor.Name, assignor.GetType().Name, assignor.SupportedProtocols);
            if (string.IsNullOrEmpty(name))
                mistakes.Add($"CustomAssignors: {type} has no Name, by which the members of a group agree on it.");
            else if (names.Contains(name))
                mistakes.Add($"CustomAssignors: the name '{name}' of {type} is that of another assignor here; members could not tell them apart.");
            else
                names.Add(name);
            if (protocols is null || protocols.Count == 0 || protocols.Any(protocol => !Enum.IsDefined(protocol)))
                mistakes.Add($"CustomAssignors: {type} has no SupportedProtocols, or a value among them that is none.");
            isEager &= protocols?.Contains(RebalanceProtocol.Eager) == true;
            isCooperative &= protocols?.Contains(RebalanceProtocol.Cooperative) == true;
        }
        if (!isEager && !isCooperative)
            mistakes.Add("The assignors (CustomAssignors, PartitionAssignmentStrategies) have no rebalance protocol in common: one supports "
                + "cooperative rebalancing alone, another eager rebalancing alone. Leave one of them out.");
    }

    static string NameOf(PartitionAssignmentStrategy strategy) => strategy switch
    {
        PartitionAssignmentStrategy.Range => "range",
        PartitionAssignmentStrategy.RoundRobin => "roundrobin",
        PartitionAssignmentStrategy.Sticky => "sticky",
        _ => "cooperative-sticky",
    };

    void CheckTimes(List<string> mistakes)
    {
        KafkaClientOptions.AtLeast(AutoCommitInterval, 10, nameof(AutoCommitInterval), mistakes);
        KafkaClientOptions.AtLeast(HeartbeatInterval, 50, nameof(HeartbeatInterval), mistakes);
        KafkaClientOptions.AtLeast(MaxPollInterval, 100, nameof(MaxPollInterval), mistakes);
        KafkaClientOptions.AtLeast(DefaultApiTimeout, 1, nameof(DefaultApiTimeout), mistakes);
        KafkaClientOptions.AtLeast(CloseTimeout, 0, nameof(CloseTimeout), mistakes);
        if (SessionTimeout <= HeartbeatInterval)
            mistakes.Add($"SessionTimeout ({SessionTimeout}) must be above HeartbeatInterval ({HeartbeatInterval}); three "
                + "times as long is usual.");
        foreach (var (time, name) in new[] { (SessionTimeout, nameof(SessionTimeout)), (MaxPollInterval, nameof(MaxPollInterval)) })
        {
            if (time.TotalMilliseconds > int.MaxValue)
                mistakes.Add($"{name} is {time}; it can be at most {int.MaxValue} ms.");
        }
    }

    void CheckFetch(List<string> mistakes)
    {
        if (MaxPollRecords < 1)
            mistakes.Add($"MaxPollRecords is {MaxPollRecords}; it must be at least 1.");
        if (FetchMinBytes < 0)
            mistakes.Add($"FetchMinBytes is {FetchMinBytes}; it cannot be negative.");
        if (FetchMaxWait < TimeSpan.Zero || FetchMaxWait > TimeSpan.FromMinutes(1))
            mistakes.Add($"FetchMaxWait is {FetchMaxWait}; it must be 0 to 1 minute.");
        if (FetchMaxBytes < 1024)
            mistakes.Add($"FetchMaxBytes is {FetchMaxBytes}; it must be at least 1024.");
        if (MaxPartitionFetchBytes < 1024)
            mistakes.Add($"MaxPartitionFetchBytes is {MaxPartitionFetchBytes}; it must be at least 1024.");
        if (MaxPrefetchBytes < MaxPartitionFetchBytes)
            mistakes.Add($"MaxPrefetchBytes ({MaxPrefetchBytes}) is below MaxPartitionFetchBytes ({MaxPartitionFetchBytes}).");
    }
}
