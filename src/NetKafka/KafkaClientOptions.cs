using System.Net;
using Microsoft.Extensions.Logging;

namespace NetKafka;

/// <summary>
/// What a client needs to know. Plain properties that bind from configuration; they are checked together
/// when the client is created, and later changes have no effect on it.
/// </summary>
public sealed class KafkaClientOptions
{
    /// <summary>
    /// Where to find the first broker: host:port pairs separated by commas; the port is 9092 where none is given. Every
    /// address of every host is tried. The other brokers are learned from the first one that answers. A host that does not resolve is
    /// tried again for as long as somebody waits, whose error then names it (KIP-909). Required, unless
    /// <see cref="BootstrapControllers"/> are given. Kafka's name: <c>bootstrap.servers</c>.
    /// </summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// Where to find the first controller of a KRaft cluster, written as <see cref="BootstrapServers"/> and in their place: an admin then talks to
    /// the controllers themselves, even while no broker runs (KIP-919; DescribeCluster 1). It is their own listener that counts
    /// (<c>controller.listener.names</c>), not that of a broker. Only an <see cref="Admin"/> may be made of such a client, and what controllers do
    /// not serve, such as groups, offsets and lists of topics, is an error of the call. Default: none. Kafka's name: <c>bootstrap.controllers</c>.
    /// </summary>
    public string BootstrapControllers { get; set; } = "";

    /// <summary>
    /// The name under which brokers log this client and apply quotas. Default <c>netkafka</c>. Kafka's name: <c>client.id</c>.
    /// </summary>
    public string ClientId { get; set; } = "netkafka";

    /// <summary>
    /// The rack, or zone, that this client runs in, as <c>broker.rack</c> names those of the brokers. Consumers tell it to their groups,
    /// which then give partitions, where that leaves them balanced, to members in the racks of their replicas (KIP-881); and to brokers,
    /// which then name a replica in the same rack to fetch from, if their <c>replica.selector.class</c> is one that looks for racks
    /// (KIP-392). Records arrive there somewhat later than at the leader. Default: none. Kafka's name: <c>client.rack</c>.
    /// </summary>
    public string? ClientRack { get; set; }

    /// <summary>
    /// Opens a connection in place of a TCP socket, for other transports and for the embedded Kafka of NetKafka.Testing. It
    /// gets the host and port as they were configured or advertised, and a token that ends the attempt. TLS and SASL lie on
    /// top of it. Default: none, a TCP socket.
    /// </summary>
    public Func<DnsEndPoint, CancellationToken, ValueTask<Stream>>? ConnectCallback { get; set; }

    /// <summary>
    /// How long a broker may take to answer a request; one that takes longer loses its connection. Default 30 s, at least
    /// 1 ms. Kafka's name: <c>request.timeout.ms</c>.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a connection may take to be set up, addresses, handshake and versions included. Default 10 s, at least 1 ms.
    /// Kafka's name: <c>socket.connection.setup.timeout.ms</c>.
    /// </summary>
    public TimeSpan ConnectionSetupTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how long without traffic a connection is closed; <see cref="Timeout.InfiniteTimeSpan"/> keeps it. One by which a share consumer has
    /// records locked stays open as long as they are. Default 9 minutes. Kafka's name: <c>connections.max.idle.ms</c>.
    /// </summary>
    public TimeSpan ConnectionMaxIdle { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>The first pause before a broken connection is opened again; it doubles from there. Default 50 ms. Kafka's name: <c>reconnect.backoff.ms</c>.</summary>
    public TimeSpan ReconnectBackoff { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause before a broken connection is opened again. Default 1 s. Kafka's name: <c>reconnect.backoff.max.ms</c>.</summary>
    public TimeSpan ReconnectBackoffMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before a failed request is tried again; it doubles from there (KIP-580). Default 100 ms. Kafka's name: <c>retry.backoff.ms</c>.</summary>
    public TimeSpan RetryBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause before a failed request is tried again. Default 1 s. Kafka's name: <c>retry.backoff.max.ms</c>.</summary>
    public TimeSpan RetryBackoffMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How old metadata may grow before it is asked for anew. Default 5 minutes. Kafka's name: <c>metadata.max.age.ms</c>.</summary>
    public TimeSpan MetadataMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After how long without an answer to a question for metadata the brokers that are known are given up, and the client begins again
    /// with <see cref="BootstrapServers"/> (KIP-1102). It does so at once where none of them can be connected to (KIP-899), or where a
    /// broker says that it is another one than the client takes it for (KIP-1242). Default 5 minutes;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never, whatever happens. Kafka's name: <c>metadata.recovery.rebootstrap.trigger.ms</c>,
    /// and <c>metadata.recovery.strategy</c> for never.
    /// </summary>
    public TimeSpan RebootstrapAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The largest answer that is taken from a broker, in bytes; a larger one ends the connection. It bounds the memory that
    /// a broken peer can cost. Default 100 MiB, at least 1 MiB.
    /// </summary>
    public int MaxResponseBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Where log lines go. Default: nowhere. Keys and values of records are never logged.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock for deadlines and for the timestamps of records. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Whether the client talks to controllers in place of brokers.</summary>
    internal bool IsOfControllers => !string.IsNullOrWhiteSpace(BootstrapControllers);

    /// <summary>Where the client looks first; what is wrong with that is added to <paramref name="mistakes"/>.</summary>
    internal List<DnsEndPoint> FirstNodes(List<string> mistakes) => IsOfControllers
        ? Bootstrap.Parse(BootstrapControllers, mistakes, nameof(BootstrapControllers))
        : Bootstrap.Parse(BootstrapServers, mistakes);

    /// <summary>The same options, checked, in an object of their own.</summary>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    internal KafkaClientOptions Validated()
    {
        var mistakes = new List<string>();
        if (IsOfControllers && !string.IsNullOrWhiteSpace(BootstrapServers))
            mistakes.Add("BootstrapServers and BootstrapControllers are both set: a client talks to brokers or to controllers, so clear one of them.");
        else if (FirstNodes(mistakes).Count == 0 && mistakes.Count == 0)
            mistakes.Add("BootstrapServers is empty: give at least one host:port, such as \"localhost:9092\".");
        AtLeast(RequestTimeout, 1, nameof(RequestTimeout), mistakes);
        AtLeast(ConnectionSetupTimeout, 1, nameof(ConnectionSetupTimeout), mistakes);
        if (ConnectionMaxIdle != Timeout.InfiniteTimeSpan)
            AtLeast(ConnectionMaxIdle, 1, nameof(ConnectionMaxIdle), mistakes);
        AtLeast(ReconnectBackoff, 1, nameof(ReconnectBackoff), mistakes);
        AtLeast(RetryBackoff, 1, nameof(RetryBackoff), mistakes);
        AtLeast(MetadataMaxAge, 1, nameof(MetadataMaxAge), mistakes);
        if (RebootstrapAfter != Timeout.InfiniteTimeSpan)
            AtLeast(RebootstrapAfter, 1, nameof(RebootstrapAfter), mistakes);
        if (ReconnectBackoffMax < ReconnectBackoff)
            mistakes.Add($"ReconnectBackoffMax ({ReconnectBackoffMax}) is below ReconnectBackoff ({ReconnectBackoff}).");
        if (RetryBackoffMax < RetryBackoff)
            mistakes.Add($"RetryBackoffMax ({RetryBackoffMax}) is below RetryBackoff ({RetryBackoff}).");
        if (MaxResponseBytes < 1024 * 1024)
            mistakes.Add($"MaxResponseBytes is {MaxResponseBytes}; it must be at least 1048576 (1 MiB).");
        return mistakes.Count == 0 ? (KafkaClientOptions)MemberwiseClone() : throw new KafkaOptionsException(mistakes);
    }

    internal static void AtLeast(TimeSpan value, int milliseconds, string name, List<string> mistakes)
    {
        if (value < TimeSpan.FromMilliseconds(milliseconds))
            mistakes.Add($"{name} is {value}; it must be at least {milliseconds} ms.");
    }
}
