using System.Net;
using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Internal.Shells;

namespace NetKafka.Testing;

/// <summary>
/// A Kafka cluster inside the process, for tests: brokers that speak Kafka's wire protocol over in-memory streams and, if asked,
/// over TCP. Topics, logs and groups live in memory and end with it. All members may be called from any thread.
/// </summary>
/// <remarks>
/// Clients that can connect over streams of their own take <see cref="ConnectAsync"/> as their connect callback and
/// <see cref="BootstrapServers"/> as their bootstrap servers. It serves producers (idempotent and transactional ones too),
/// consumers with and without a group, share groups, and topic administration. Groups use the classic protocol or the consumer protocol
/// of KIP-848, and go from one to the other while members are in them. ACLs, client quotas,
/// SCRAM credentials and delegation tokens are kept and not enforced.
/// </remarks>
public sealed class EmbeddedKafka : IAsyncDisposable, IDisposable
{
    const int InMemoryPort = 9092;
    readonly ClusterShell shell;
    readonly TcpBroker[] listeners;

    EmbeddedKafka(EmbeddedKafkaOptions options)
    {
        var settings = new ClusterSettings
        {
            SelectsReplicasByRack = options.SelectReplicasByRack,
            AutoCreateTopics = options.AutoCreateTopics,
            DefaultPartitions = options.DefaultPartitions,
            InitialRebalanceDelayMs = (int)options.InitialRebalanceDelay.TotalMilliseconds,
            MinSessionTimeoutMs = (int)options.MinSessionTimeout.TotalMilliseconds,
            MaxMessageBytes = options.MaxMessageBytes,
            GroupVersion = (short)options.GroupVersion,
            ConsumerHeartbeatIntervalMs = (int)options.ConsumerHeartbeatInterval.TotalMilliseconds,
            ConsumerSessionTimeoutMs = (int)options.ConsumerSessionTimeout.TotalMilliseconds,
            ShareVersion = (short)options.ShareVersion,
            ShareHeartbeatIntervalMs = (int)options.ShareHeartbeatInterval.TotalMilliseconds,
            ShareSessionTimeoutMs = (int)options.ShareSessionTimeout.TotalMilliseconds,
            ShareRecordLockDurationMs = (int)options.ShareRecordLockDuration.TotalMilliseconds,
            TransactionVersion = (short)options.TransactionVersion,
            HasAuthorizer = options.StoresAcls,
            HasTokens = options.IssuesDelegationTokens,
            TokenMaxLifetimeMs = (long)options.DelegationTokenMaxLifetime.TotalMilliseconds,
            TokenExpiryTimeMs = (long)options.DelegationTokenExpiryTime.TotalMilliseconds,
            MaxTransactionTimeoutMs = (int)options.MaxTransactionTimeout.TotalMilliseconds,
        };
        shell = new ClusterShell(settings, options.Seed, options.TimeProvider);
        Brokers = [.. Enumerable.Range(1, options.Brokers)];
        listeners = [.. Brokers.Where(_ => options.Tcp).Select(node => new TcpBroker(shell, node))];
        foreach (var listener in listeners)
            listener.Listen();
        var addresses = Brokers.Select(node => options.Tcp
            ? new DnsEndPoint("127.0.0.1", listeners[node - 1].Port)
            : new DnsEndPoint($"embedded-kafka-{node}", InMemoryPort)).ToArray();
        shell.Operate((cluster, _) =>
        {
            foreach (var node in Brokers)
                cluster.AddBroker(node, addresses[node - 1].Host, addresses[node - 1].Port, $"rack-{node}");
            return true;
        });
        BootstrapServers = string.Join(',', addresses.Select(address => $"{address.Host}:{address.Port}"));
    }

    /// <summary>The cluster itself, for the project's own tests.</summary>
    internal ClusterShell Shell => shell;

    /// <summary>The brokers as clients name them: <c>host:port</c>, separated by commas.</summary>
    public string BootstrapServers { get; }

    /// <summary>The ids of the brokers, stopped ones included.</summary>
    public IReadOnlyList<int> Brokers { get; }

    /// <summary>Starts a cluster. It runs when this returns.</summary>
    /// <param name="options">Null takes the defaults: one broker, no port.</param>
    /// <returns>The running cluster; dispose it to end it.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names each that is.</exception>
    /// <exception cref="System.Net.Sockets.SocketException"><see cref="EmbeddedKafkaOptions.Tcp"/> is set and no port can
    /// be opened.</exception>
    public static EmbeddedKafka Start(EmbeddedKafkaOptions? options = null)
    {
        options ??= new EmbeddedKafkaOptions();
        options.Validate();
        return new EmbeddedKafka(options);
    }

    /// <summary>Opens a connection in memory. Of the shape that clients take as a connect callback.</summary>
    /// <param name="endpoint">A broker's host and port, as in <see cref="BootstrapServers"/> and in the cluster's
    /// metadata.</param>
    /// <param name="cancellationToken">Already cancelled, it ends the call.</param>
    /// <returns>The client's end. Dispose it to disconnect.</returns>
    /// <exception cref="IOException">No broker has this address, or it is stopped.</exception>
    public ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return OpenAsync(endpoint, null, cancellationToken);
    }

    /// <summary>Makes a connect callback for clients that are authenticated as a user, as by TLS with a certificate: they may ask for delegation
    /// tokens. What anybody may do is the same for all.</summary>
    /// <param name="user">The user's name, without a type: <c>alice</c>.</param>
    /// <returns>As <see cref="ConnectAsync"/>, for that user.</returns>
    public Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> ConnectAs(string user)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return (endpoint, cancellationToken) => OpenAsync(endpoint, user, cancellationToken);
    }

    ValueTask<Stream> OpenAsync(DnsEndPoint endpoint, string? user, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<Stream>(cancellationToken);
        var node = shell.Operate((cluster, _) => cluster.Brokers.FirstOrDefault(broker => IsAt(broker, endpoint))?.NodeId);
        if (node is null)
        {
            return ValueTask.FromException<Stream>(new IOException(
                $"The embedded Kafka has no broker at {endpoint.Host}:{endpoint.Port}; its brokers are at {BootstrapServers}."));
        }

        return shell.Connect(node.Value, user) is { } connection
            ? new ValueTask<Stream>(new InMemoryStream(connection))
            : ValueTask.FromException<Stream>(new IOException($"Broker {node} of the embedded Kafka is stopped."));
    }

    /// <summary>Creates a topic. It is there, with its leaders, when this returns.</summary>
    /// <param name="name">Letters, digits, '.', '_' and '-'; at most 249.</param>
    /// <param name="partitions">How many; null takes <see cref="EmbeddedKafkaOptions.DefaultPartitions"/>.</param>
    /// <param name="replicationFactor">Replicas of each partition; null takes three, or all brokers where there are
    /// fewer.</param>
    /// <param name="configs">Topic configurations by Kafka's names, such as <c>max.message.bytes</c>.</param>
    /// <exception cref="InvalidOperationException">The topic exists, or a value is refused; the message gives Kafka's
    /// error.</exception>
    public void CreateTopic(
        string name, int? partitions = null, int? replicationFactor = null, IReadOnlyDictionary<string, string>? configs = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        var order = new TopicOrder(name)
        {
            Partitions = partitions ?? -1,
            ReplicationFactor = replicationFactor ?? -1,
            Configs = [.. (configs ?? new Dictionary<string, string>()).Select(config => (config.Key, (string?)config.Value))],
        };
        var result = shell.Operate((cluster, _) => cluster.CreateTopic(order));
        Expect(result.Error, $"Topic {name} cannot be created: {result.Message}");
    }

    /// <summary>Deletes a topic with its records and committed offsets. One created again has another topic id.</summary>
    /// <param name="name">The topic.</param>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public void DeleteTopic(string name) =>
        Expect(shell.Operate((cluster, now) => cluster.DeleteTopic(name, now)), $"Topic {name} cannot be deleted.");

    /// <summary>Adds partitions to a topic.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="count">How many it shall have; more than it has.</param>
    /// <exception cref="InvalidOperationException">There is no such topic, or it has as many or more.</exception>
    public void AddPartitions(string name, int count)
    {
        var result = shell.Operate((cluster, _) => cluster.AddPartitions(name, count, null, validateOnly: false));
        Expect(result.Error, $"Topic {name} cannot have {count} partitions. {result.Message}");
    }

    /// <summary>Drops the records of a partition below an offset, as retention does.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="beforeOffset">The first offset that stays; beyond the end all go.</param>
    /// <exception cref="InvalidOperationException">There is no such partition.</exception>
    public void DeleteRecords(string topic, int partition, long beforeOffset) => shell.Operate((cluster, now) =>
    {
        ClusterState.DeleteRecords(Find(cluster, topic, partition), beforeOffset, now);
        return true;
    });

    /// <summary>The broker that leads a partition, or -1 while none does.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <returns>A broker id.</returns>
    /// <exception cref="InvalidOperationException">There is no such partition.</exception>
    public int GetLeader(string topic, int partition) => shell.Operate((cluster, _) => Find(cluster, topic, partition).Leader);

    /// <summary>Makes another replica the leader of a partition, under the next leader epoch.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="broker">A running broker that holds a replica in sync.</param>
    /// <exception cref="InvalidOperationException">There is no such partition, or the broker cannot lead it.</exception>
    public void MoveLeader(string topic, int partition, int broker) => Expect(
        shell.Operate((cluster, now) => cluster.MoveLeader(topic, partition, broker, now)),
        $"Broker {broker} cannot lead partition {partition} of {topic}: it must run and hold a replica in sync.");

    /// <summary>The broker that coordinates a group, or -1 while none does.</summary>
    /// <param name="groupId">The group; it need not exist.</param>
    /// <returns>A broker id.</returns>
    public int GetCoordinator(string groupId) => shell.Operate((cluster, _) => cluster.Groups.CoordinatorOf(groupId));

    /// <summary>
    /// Moves the coordination of a group to another broker, and with it that of the groups that share its slot.
    /// </summary>
    /// <param name="groupId">The group; it need not exist.</param>
    /// <param name="broker">A running broker.</param>
    /// <exception cref="InvalidOperationException">The broker does not run.</exception>
    public void MoveCoordinator(string groupId, int broker) => Expect(
        shell.Operate((cluster, now) => cluster.Groups.Move(groupId, broker, now)),
        $"Broker {broker} cannot coordinate group {groupId}: it does not run.");

    /// <summary>
    /// Sets a configuration of a group, such as <c>share.auto.offset.reset</c> (KIP-932). The bounds that brokers have for numbers do not
    /// hold here, so that a lock may last a moment.
    /// </summary>
    /// <param name="groupId">The group; it need not exist.</param>
    /// <param name="name">Kafka's name of the configuration.</param>
    /// <param name="value">The value as Kafka writes it; null goes back to the brokers' default.</param>
    /// <exception cref="ArgumentException">Groups have no such configuration, or it cannot have this value.</exception>
    public void SetGroupConfig(string groupId, string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var known = GroupConfigNames.Find(name)
            ?? throw new ArgumentException($"Groups have no configuration {name}; they have {GroupConfigNames.Names}.", nameof(name));
        if (value is not null && !known.IsReadable(value))
            throw new ArgumentException($"{value} is no value of {name}.", nameof(value));
        shell.Operate((cluster, _) =>
        {
            if (value is null)
                cluster.GroupConfigs.Reset(groupId, name);
            else
                cluster.GroupConfigs.Set(groupId, name, value);
            return true;
        });
    }

    /// <summary>
    /// Stops a broker at once, as killing it does: its connections close, it refuses new ones, and replicas in sync on other
    /// brokers take over what it led. Stopping a stopped broker does nothing.
    /// </summary>
    /// <param name="broker">The broker's id.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such broker.</exception>
    public void StopBroker(int broker)
    {
        EnsureBroker(broker);
        if (listeners.Length > 0)
            listeners[broker - 1].StopListening();
        shell.Operate((cluster, now) =>
        {
            cluster.StopBroker(broker, now);
            return true;
        });
    }

    /// <summary>Starts a broker again, at its old address and with its old log. Starting a running broker does nothing.</summary>
    /// <param name="broker">The broker's id.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such broker.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Its TCP port was taken meanwhile.</exception>
    public void StartBroker(int broker)
    {
        EnsureBroker(broker);
        if (listeners.Length > 0)
            listeners[broker - 1].Listen();
        shell.Operate((cluster, now) =>
        {
            cluster.StartBroker(broker, now);
            return true;
        });
    }

    /// <summary>
    /// Reads all records of a partition from its log, apart from any client: the truth that a test compares with. Transaction
    /// markers are left out.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <returns>A copy of the records in the order of their offsets.</returns>
    /// <exception cref="InvalidOperationException">There is no such partition.</exception>
    public IReadOnlyList<EmbeddedRecord> ReadLog(string topic, int partition) =>
        shell.Operate((cluster, _) => LogReader.Read(cluster, Find(cluster, topic, partition)));

    /// <summary>The offset that a group committed for a partition; null if it committed none.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <returns>The offset of the next record that the group will read.</returns>
    public long? GetCommittedOffset(string groupId, string topic, int partition) =>
        shell.Operate((cluster, _) => cluster.Groups.Find(groupId)?.Offsets.Find(topic, partition)?.Offset);

    /// <summary>Closes every connection and port. The call returns when no thread works for the cluster any more.</summary>
    /// <returns>A task that ends with it.</returns>
    public async ValueTask DisposeAsync()
    {
        shell.Dispose();
        foreach (var listener in listeners)
            await listener.CloseAsync();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        shell.Dispose();
        foreach (var listener in listeners)
            listener.CloseAsync().GetAwaiter().GetResult();
    }

    /// <summary>Cleans a partition now, as brokers do with compacted topics at times: batches go whose keys are all written anew behind them.</summary>
    internal void Compact(string topic, int partition) => shell.Operate((cluster, _) =>
    {
        LogCleaner.Clean(Find(cluster, topic, partition).Log, cluster.Records);
        return true;
    });

    static bool IsAt(Broker broker, DnsEndPoint endpoint) =>
        broker.Port == endpoint.Port && broker.Host.Equals(endpoint.Host, StringComparison.OrdinalIgnoreCase);

    static Partition Find(ClusterState cluster, string topic, int partition) =>
        cluster.FindTopic(topic)?.Find(partition)
        ?? throw new InvalidOperationException($"The embedded Kafka has no partition {partition} of topic {topic}.");

    static void Expect(ErrorCode error, string message)
    {
        if (error != ErrorCode.None)
            throw new InvalidOperationException($"{message} ({error})");
    }

    void EnsureBroker(int broker)
    {
        if (broker < 1 || broker > Brokers.Count)
            throw new ArgumentOutOfRangeException(nameof(broker), broker, $"The brokers are 1 to {Brokers.Count}.");
    }
}
