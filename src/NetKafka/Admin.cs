using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <summary>
/// Looks at a cluster and changes it. A call on several things has a result for each, so one that fails does not hide the
/// others; what a broker refuses for a passing reason is tried again until the call's deadline.
/// <para>Safe from any thread. Made by <see cref="KafkaClient.CreateAdmin"/>.</para>
/// </summary>
public sealed partial class Admin : IRuntimeOwner, IDisposable
{
    readonly ClientRuntime _runtime;
    readonly AdminOptions _options;
    readonly InquiryMachine _machine;
    readonly InquirySettings _settings;
    readonly PendingCalls _pending = new();
    volatile bool _isDisposed;

    internal Admin(ClientRuntime runtime, AdminOptions options)
    {
        (_runtime, _options) = (runtime, options);
        _machine = new InquiryMachine(runtime.Cluster);
        _settings = new InquirySettings(
            runtime.Options.RequestTimeout, new Backoff(runtime.Options.RetryBackoff, runtime.Options.RetryBackoffMax), runtime.Random);
        runtime.Attach(this);
        runtime.Post(new AddMachine(runtime.Machines, _machine));
    }

    /// <summary>Creates topics.</summary>
    /// <param name="topics">The topics; none succeeds without a request, one named twice is answered with an error.</param>
    /// <param name="validateOnly">Only asks whether they could be created. Default: false.</param>
    /// <param name="cancellation">Ends the wait; the topics may be created all the same.</param>
    /// <returns>A result for each topic, in the order given. A topic that exists already is an error of its result.</returns>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<IReadOnlyList<TopicResult>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics, bool validateOnly = false, CancellationToken cancellation = default)
    {
        var wanted = topics.ToList();
        var items = new TopicItems(wanted.Select(topic => topic.Name), "created");
        if (!items.Open.Any())
            return ValueTask.FromResult(items.Results());
        return Start<CreateTopicsRequest, CreateTopicsResponse, IReadOnlyList<TopicResult>>(cancellation, call => new(call, _machine, _settings)
        {
            What = "The topics could not be created",
            Target = RequestTarget.Controller,
            // Defaults for partitions and copies came with version 4; an older broker says so itself.
            Request = _ => new CreateTopicsRequest
            {
                Topics = [.. wanted.Where(topic => items.IsOpen(topic.Name)).Select(ToRequest)],
                TimeoutMs = TimeoutMs,
                ValidateOnly = validateOnly,
            },
            Take = answer => Conclude(items, [.. answer.Topics.Select(row => items.Take(
                row.Name, row.ErrorCode, row.ErrorMessage, name => new TopicResult(name, row.TopicId, row.NumPartitions, row.ReplicationFactor, null)))]),
            Partial = error => items.Results(error),
        });
    }

    /// <summary>Creates one topic, and throws where <see cref="CreateTopicsAsync"/> would give an error.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="partitions">How many partitions; −1 leaves it to the broker.</param>
    /// <param name="replicationFactor">How many copies; −1 leaves it to the broker.</param>
    /// <param name="cancellation">Ends the wait; the topic may be created all the same.</param>
    /// <returns>The topic that was created.</returns>
    /// <exception cref="KafkaException">It was not created; <see cref="KafkaException.Code"/> says why.</exception>
    public async ValueTask<TopicResult> CreateTopicAsync(
        string name, int partitions = -1, short replicationFactor = -1, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        var results = await CreateTopicsAsync([new NewTopic(name, partitions, replicationFactor)], validateOnly: false, cancellation);
        return results[0].Error is { } error ? throw error : results[0];
    }

    /// <summary>Deletes topics and everything in them.</summary>
    /// <param name="names">The topics; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the topics may be deleted all the same.</param>
    /// <returns>A result for each topic, in the order given. A topic that does not exist is an error of its result.</returns>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<IReadOnlyList<TopicResult>> DeleteTopicsAsync(IEnumerable<string> names, CancellationToken cancellation = default)
    {
        var items = new TopicItems(names, "deleted");
        if (!items.Open.Any())
            return ValueTask.FromResult(items.Results());
        return Start<DeleteTopicsRequest, DeleteTopicsResponse, IReadOnlyList<TopicResult>>(cancellation, call => new(call, _machine, _settings)
        {
            What = "The topics could not be deleted",
            Target = RequestTarget.Controller,
            // From version 6 on topics are named one by one, since they may be given by id.
            Request = version => version >= 6
                ? new DeleteTopicsRequest
                {
                    Topics = [.. items.Open.Select(name => new DeleteTopicsRequest.DeleteTopicState { Name = name })],
                    TimeoutMs = TimeoutMs,
                }
                : new DeleteTopicsRequest { TopicNames = [.. items.Open], TimeoutMs = TimeoutMs },
            Take = answer => Conclude(items, [.. answer.Responses.Select(row => items.Take(
                row.Name, row.ErrorCode, row.ErrorMessage, name => new TopicResult(name, row.TopicId, -1, -1, null)))]),
            Partial = error => items.Results(error),
        });
    }

    /// <summary>Lists the topics of the cluster that this client may see.</summary>
    /// <param name="includeInternal">Whether Kafka's own topics are listed too. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The topics by name.</returns>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<IReadOnlyList<TopicListing>> ListTopicsAsync(bool includeInternal = false, CancellationToken cancellation = default) =>
        Start<MetadataRequest, MetadataResponse, IReadOnlyList<TopicListing>>(cancellation, call => new(call, _machine, _settings)
        {
            What = "The topics could not be listed",
            Target = RequestTarget.AnyBroker,
            MinVersion = MinMetadataVersion,
            Request = _ => new MetadataRequest { Topics = null, AllowAutoTopicCreation = false },
            Take = answer => Step<IReadOnlyList<TopicListing>>.Done(
            [
                .. answer.Topics.Where(topic => topic.Name is not null && (includeInternal || !topic.IsInternal))
                    .Select(topic => new TopicListing(topic.Name!, topic.TopicId, topic.IsInternal))
                    .OrderBy(topic => topic.Name, StringComparer.Ordinal),
            ]),
        });

    /// <summary>Describes topics: their partitions, leaders and copies. It never creates one.</summary>
    /// <param name="names">The topics; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>A description for each topic, in the order given. A topic that does not exist is an error of its description.</returns>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(IEnumerable<string> names, CancellationToken cancellation = default)
    {
        var wanted = names.Distinct(StringComparer.Ordinal).ToArray();
        if (wanted.Length == 0)
            return ValueTask.FromResult<IReadOnlyList<TopicDescription>>([]);
        return Start<MetadataRequest, MetadataResponse, IReadOnlyList<TopicDescription>>(cancellation, call => new(call, _machine, _settings)
        {
            What = "The topics could not be described",
            Target = RequestTarget.AnyBroker,
            MinVersion = MinMetadataVersion,
            Request = _ => new MetadataRequest
            {
                Topics = [.. wanted.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name })],
                AllowAutoTopicCreation = false,
            },
            Take = answer => Step<IReadOnlyList<TopicDescription>>.Done(TopicDescriptions.From(answer, wanted)),
        });
    }

    /// <summary>Describes the cluster: its id, its controller and its brokers.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The cluster as the broker that answered sees it.</returns>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<ClusterDescription> DescribeClusterAsync(CancellationToken cancellation = default) =>
        Start<MetadataRequest, MetadataResponse, ClusterDescription>(cancellation, call => new(call, _machine, _settings)
        {
            What = "The cluster could not be described",
            Target = RequestTarget.AnyBroker,
            MinVersion = MinMetadataVersion,
            Request = _ => new MetadataRequest { Topics = [], AllowAutoTopicCreation = false },
            Take = answer => Step<ClusterDescription>.Done(TopicDescriptions.ClusterFrom(answer)),
        });

    /// <summary>Ends the admin: calls under way fail. The client and its connections stay.</summary>
    /// <returns>Completes when every call has ended.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>As <see cref="DisposeAsync"/>.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _runtime.Detach(this);
        _runtime.Post(new EndOwner(_runtime.Machines, _machine, _pending, new ObjectDisposedException(nameof(Admin))));
    }

    void IRuntimeOwner.OnFault(Exception error) => _runtime.Post(new EndOwner(_runtime.Machines, _machine, _pending, error));

    // Without it an older broker could create the topics that are asked about.
    const short MinMetadataVersion = 4;

    int TimeoutMs => (int)Math.Min(_options.CallTimeout.TotalMilliseconds, int.MaxValue);

    ValueTask<TResult> Start<TRequest, TResponse, TResult>(
        CancellationToken cancellation, Func<Call<TResult>, Inquiry<TRequest, TResponse, TResult>> create)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var call = _runtime.CreateCall<TResult>(_options.CallTimeout, cancellation);
        _runtime.Post(new StartInquiry<TResult>(_machine, _pending, create(call), call));
        return call.Task;
    }

    static Step<IReadOnlyList<TopicResult>> Conclude(TopicItems items, IReadOnlyList<KafkaException?> errors)
    {
        var retry = errors.FirstOrDefault(error => error is not null);
        if (retry is null && items.Open.FirstOrDefault() is { } forgotten)
            retry = new KafkaProtocolException($"The broker's answer says nothing of topic '{forgotten}'.");
        return retry is null ? Step<IReadOnlyList<TopicResult>>.Done(items.Results()) : Step<IReadOnlyList<TopicResult>>.Retry(retry);
    }

    static CreateTopicsRequest.CreatableTopic ToRequest(NewTopic topic) => new()
    {
        Name = topic.Name,
        NumPartitions = topic.Partitions,
        ReplicationFactor = topic.ReplicationFactor,
        Configs = [.. topic.Configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Key, Value = config.Value })],
    };
}
