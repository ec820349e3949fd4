using System.Net;
using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka;

/// <summary>
/// The way to one Kafka cluster. Producers, consumers and admins are made from it and share its connections, its metadata
/// and its memory, so a program needs one for each cluster. It connects when something is first asked of it.
/// <para>Safe from any thread. Disposing it disposes what was made from it first, in order, and then closes the connections.</para>
/// </summary>
public sealed class KafkaClient : IAsyncDisposable, IDisposable
{
    static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    int _isDisposed;

    /// <summary>A client with default options.</summary>
    /// <param name="bootstrapServers">host:port pairs separated by commas; see <see cref="KafkaClientOptions.BootstrapServers"/>.</param>
    /// <exception cref="KafkaOptionsException">There is no endpoint in it, or one that cannot be read.</exception>
    public KafkaClient(string bootstrapServers)
        : this(new KafkaClientOptions { BootstrapServers = bootstrapServers })
    {
    }

    /// <summary>A client with options of your own, which are checked and copied here.</summary>
    /// <param name="options">What the client needs to know.</param>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    public KafkaClient(KafkaClientOptions options)
        : this(options, null)
    {
    }

    internal KafkaClient(KafkaClientOptions options, RuntimeSeams? seams)
    {
        var settings = options.Validated();
        seams ??= new RuntimeSeams(
            settings.ConnectCallback is { } connect ? new StreamTransport(connect) : new SocketTransport(),
            new RandomSource(BitConverter.ToUInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))));
        Runtime = new ClientRuntime(settings, settings.FirstNodes([]), seams);
    }

    internal ClientRuntime Runtime { get; }

    /// <summary>A producer with the serializers that come with the client; see <see cref="Serdes.Default{T}"/>.</summary>
    /// <typeparam name="TKey">The type of the keys; <see cref="Nothing"/> for records without keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="options">What it needs to know; null for the defaults.</param>
    /// <returns>The producer; dispose it, or the client.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work, or no serializer comes with the client for a type.</exception>
    public Producer<TKey, TValue> CreateProducer<TKey, TValue>(ProducerOptions? options = null) =>
        CreateProducer<TKey, TValue>(null, null, options);

    /// <summary>A producer with serializers of your own.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="keySerializer">
    /// Writes the keys; null for the one that comes with the client. It may be an <see cref="IAsyncSerializer{T}"/>.
    /// </param>
    /// <param name="valueSerializer">
    /// Writes the values; null for the one that comes with the client. It may be an <see cref="IAsyncSerializer{T}"/>.
    /// </param>
    /// <param name="options">What it needs to know; null for the defaults.</param>
    /// <param name="interceptors">Who looks on as records are produced, in this order; null for nobody.</param>
    /// <returns>The producer; dispose it, or the client.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work, or no serializer comes with the client for a type.</exception>
    public Producer<TKey, TValue> CreateProducer<TKey, TValue>(
        ISerializer<TKey>? keySerializer, ISerializer<TValue>? valueSerializer, ProducerOptions? options = null,
        IEnumerable<ProducerInterceptor<TKey, TValue>>? interceptors = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        EnsureOfBrokers("producer");
        return new Producer<TKey, TValue>(Runtime, options ?? new ProducerOptions(), keySerializer, valueSerializer, interceptors);
    }

    /// <summary>An admin of this cluster.</summary>
    /// <param name="options">What it needs to know; null for the defaults.</param>
    /// <returns>The admin; dispose it, or the client.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    public Admin CreateAdmin(AdminOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return new Admin(Runtime, (options ?? new AdminOptions()).Validated());
    }

    /// <summary>A consumer that reads topics as a member of a group, with default options otherwise.</summary>
    /// <typeparam name="TKey">The type of the keys; a format for it must come with the client.</typeparam>
    /// <typeparam name="TValue">The type of the values; a format for it must come with the client.</typeparam>
    /// <param name="groupId">The group; see <see cref="ConsumerOptions.GroupId"/>.</param>
    /// <param name="topics">The topics, at least one.</param>
    /// <returns>The consumer; dispose it, or the client. It joins the group when reading begins.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    public Consumer<TKey, TValue> CreateConsumer<TKey, TValue>(string groupId, params string[] topics)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        return CreateConsumer<TKey, TValue>(new ConsumerOptions { GroupId = groupId, Topics = [.. topics] });
    }

    /// <summary>A consumer with options of your own, which are checked and copied here.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="options">What it needs to know.</param>
    /// <param name="keys">
    /// How keys are read; null for the format that comes with the client for their type. It may be an <see cref="IAsyncDeserializer{T}"/>, as
    /// that of the values.
    /// </param>
    /// <param name="values">How values are read; null for the format that comes with the client for their type.</param>
    /// <param name="interceptors">Who looks on as records are read and offsets committed, in this order; null for nobody.</param>
    /// <returns>The consumer; dispose it, or the client.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    public Consumer<TKey, TValue> CreateConsumer<TKey, TValue>(
        ConsumerOptions options, IDeserializer<TKey>? keys = null, IDeserializer<TValue>? values = null,
        IEnumerable<ConsumerInterceptor<TKey, TValue>>? interceptors = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        EnsureOfBrokers("consumer");
        return new Consumer<TKey, TValue>(Runtime, options, keys, values, interceptors);
    }

    /// <summary>A consumer that works through topics as a member of a share group (KIP-932), with default options otherwise.</summary>
    /// <typeparam name="TKey">The type of the keys; a format for it must come with the client.</typeparam>
    /// <typeparam name="TValue">The type of the values; a format for it must come with the client.</typeparam>
    /// <param name="groupId">The share group; see <see cref="ShareConsumerOptions.GroupId"/>. A new one begins at the latest records.</param>
    /// <param name="topics">The topics, at least one.</param>
    /// <returns>The consumer; dispose it, or the client. It joins the group when reading begins.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    public ShareConsumer<TKey, TValue> CreateShareConsumer<TKey, TValue>(string groupId, params string[] topics)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        return CreateShareConsumer<TKey, TValue>(new ShareConsumerOptions { GroupId = groupId, Topics = [.. topics] });
    }

    /// <summary>A consumer of a share group with options of your own, which are checked and copied here.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="options">What it needs to know.</param>
    /// <param name="keys">How keys are read; null for the format that comes with the client for their type.</param>
    /// <param name="values">How values are read; null for the format that comes with the client for their type.</param>
    /// <returns>The consumer; dispose it, or the client.</returns>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    public ShareConsumer<TKey, TValue> CreateShareConsumer<TKey, TValue>(
        ShareConsumerOptions options, IDeserializer<TKey>? keys = null, IDeserializer<TValue>? values = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        EnsureOfBrokers("share consumer");
        return new ShareConsumer<TKey, TValue>(Runtime, options, keys, values);
    }

    /// <summary>
    /// Disposes the producers, consumers and admins that are still open, each within its own limit, and closes the
    /// connections within five seconds.
    /// </summary>
    /// <returns>Completes when everything is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await Runtime.Enter();
        foreach (var owner in Runtime.Owners())
            await owner.DisposeAsync();
        await Runtime.CloseAsync(CloseTimeout);
    }

    /// <summary>As <see cref="DisposeAsync"/>, and waits for it. Needs no context to run on.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    void EnsureOfBrokers(string what)
    {
        if (Runtime.Options.IsOfControllers)
        {
            throw new KafkaOptionsException(
            [
                $"BootstrapControllers is set, and controllers keep no records: a {what} needs a client with BootstrapServers; only an Admin can be made of this one.",
            ]);
        }
    }
}
