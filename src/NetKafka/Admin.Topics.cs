using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Topics.</content>
public sealed partial class Admin
{
    // Before it a broker does not say which topic was deleted by its id, nor takes ids.
    const short FirstVersionOfDeletionById = 6;

    /// <summary>Creates topics.</summary>
    /// <param name="topics">The topics; none succeeds without a request, one named twice is answered with an error.</param>
    /// <param name="validateOnly">Only asks whether they could be created. Default: false.</param>
    /// <param name="cancellation">Ends the wait; the topics may be created all the same.</param>
    /// <returns>The outcome for each topic, in the order given. A topic that exists already is an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, CreatedTopic>>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics, bool validateOnly = false, CancellationToken cancellation = default)
    {
        var wanted = topics.ToList();
        var byName = new Dictionary<string, CreateTopicsRequest.CreatableTopic>(StringComparer.Ordinal);
        var items = Items<string, CreatedTopic>(wanted.Select(static topic => topic.Name), static name => $"Topic '{name}' could not be created", StringComparer.Ordinal);
        foreach (var topic in wanted)
        {
            var (configs, twice) = topic.AllConfigs();
            byName[topic.Name] = TopicMessages.ToRequest(topic, configs);
            if (twice is not null)
                items.Fail(topic.Name, new KafkaException($"{items.What(topic.Name)}: {twice} stands in a property and in Configs.") { Code = ErrorCode.InvalidConfig });
        }
        return AskEach<string, CreatedTopic, CreateTopicsRequest, CreateTopicsResponse>(
            items, ToController<string>(),
            // Defaults for partitions and copies came with version 4; an older broker says so itself.
            (_, names) => new CreateTopicsRequest { Topics = [.. names.Select(name => byName[name])], TimeoutMs = TimeoutMs, ValidateOnly = validateOnly },
            (answer, _, _) =>
            {
                foreach (var row in answer.Topics)
                    items.Take(row.Name, row.ErrorCode, row.ErrorMessage, () => TopicMessages.Created(row));
            },
            cancellation);
    }

    /// <summary>Creates one topic, and throws where <see cref="CreateTopicsAsync"/> would give an error.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="partitions">How many partitions; −1 leaves it to the broker.</param>
    /// <param name="replicationFactor">How many copies; −1 leaves it to the broker.</param>
    /// <param name="cancellation">Ends the wait; the topic may be created all the same.</param>
    /// <returns>The topic that was created.</returns>
    /// <exception cref="KafkaException">It was not created; <see cref="KafkaException.Code"/> says why.</exception>
    public async ValueTask<CreatedTopic> CreateTopicAsync(
        string name, int partitions = -1, short replicationFactor = -1, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        var results = await CreateTopicsAsync([new NewTopic(name, partitions, replicationFactor)], validateOnly: false, cancellation);
        return results[0].GetOrThrow();
    }

    /// <summary>Deletes topics and everything in them.</summary>
    /// <param name="names">The topics; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the topics may be deleted all the same.</param>
    /// <returns>The outcome for each topic, in the order given. A topic that does not exist is an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> DeleteTopicsAsync(IEnumerable<string> names, CancellationToken cancellation = default)
    {
        var items = Items<string, bool>(names, static name => $"Topic '{name}' could not be deleted", StringComparer.Ordinal);
        return Outcomes(AskEach<string, bool, DeleteTopicsRequest, DeleteTopicsResponse>(
            items, ToController<string>(),
            // From version 6 on topics are named one by one, since they may be given by id.
            (version, open) => version >= FirstVersionOfDeletionById
                ? new DeleteTopicsRequest { Topics = [.. open.Select(static name => new DeleteTopicsRequest.DeleteTopicState { Name = name })], TimeoutMs = TimeoutMs }
                : new DeleteTopicsRequest { TopicNames = [.. open], TimeoutMs = TimeoutMs },
            (answer, _, _) =>
            {
                foreach (var row in answer.Responses.Where(static row => row.Name is not null))
                    items.Take(row.Name!, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation));
    }

    /// <summary>Deletes topics by their ids (KIP-516; Kafka 2.8 and later): one that was created anew under the same name is another.</summary>
    /// <param name="ids">The ids; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the topics may be deleted all the same.</param>
    /// <returns>The outcome for each id, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<Guid>>> DeleteTopicsByIdAsync(IEnumerable<Guid> ids, CancellationToken cancellation = default)
    {
        var items = Items<Guid, bool>(ids, static id => $"The topic with the id {id} could not be deleted");
        return Outcomes(AskEach<Guid, bool, DeleteTopicsRequest, DeleteTopicsResponse>(
            items, ToController<Guid>(),
            (_, open) => new DeleteTopicsRequest
            {
                Topics = [.. open.Select(static id => new DeleteTopicsRequest.DeleteTopicState { TopicId = id })], TimeoutMs = TimeoutMs,
            },
            (answer, _, _) =>
            {
                foreach (var row in answer.Responses)
                    items.Take(row.TopicId, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation, FirstVersionOfDeletionById));
    }

    /// <summary>Adds partitions to topics. Records with a key go to other partitions from then on than those of the same key before.</summary>
    /// <param name="topics">How many partitions each topic is to have; none succeeds without a request.</param>
    /// <param name="validateOnly">Only asks whether they could be added. Default: false.</param>
    /// <param name="cancellation">Ends the wait; they may be added all the same.</param>
    /// <returns>The outcome for each topic, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> CreatePartitionsAsync(
        IReadOnlyDictionary<string, NewPartitions> topics, bool validateOnly = false, CancellationToken cancellation = default)
    {
        var items = Items<string, bool>(topics.Keys, static name => $"No partitions could be added to topic '{name}'", StringComparer.Ordinal);
        return Outcomes(AskEach<string, bool, CreatePartitionsRequest, CreatePartitionsResponse>(
            items, ToController<string>(),
            (_, names) => new CreatePartitionsRequest
            {
                Topics = [.. names.Select(name => TopicMessages.ToRequest(name, topics[name]))], TimeoutMs = TimeoutMs, ValidateOnly = validateOnly,
            },
            (answer, _, _) =>
            {
                foreach (var row in answer.Results)
                    items.Take(row.Name, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation));
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

    /// <summary>
    /// Describes topics: their partitions, leaders and copies. It never creates one. Brokers that can (KIP-966) are asked page by page, so that no answer is large.
    /// </summary>
    /// <param name="names">The topics; none succeeds without a request.</param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to each. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each topic, in the order given, its description or an error of its own. A topic that does not exist is one.</returns>
    public async ValueTask<IReadOnlyList<ItemResult<string, TopicDescription>>> DescribeTopicsAsync(
        IEnumerable<string> names, bool includeAuthorizedOperations = false, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        var wanted = names.ToArray();
        var scope = Scope(cancellation);
        var results = await DescribeByPagesAsync(wanted, includeAuthorizedOperations, scope);
        return results is not null ? results : await DescribeByMetadataAsync(
            Items<string, TopicDescription>(wanted, static name => $"Topic '{name}' could not be described", StringComparer.Ordinal),
            static name => new MetadataRequest.MetadataRequestTopic { Name = name }, static row => row.Name ?? "", includeAuthorizedOperations,
            MinMetadataVersion, scope);
    }

    /// <summary>Describes topics by their ids (KIP-516; Kafka 3.1 and later).</summary>
    /// <param name="ids">The ids; none succeeds without a request.</param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to each. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each id, in the order given, its topic or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<Guid, TopicDescription>>> DescribeTopicsByIdAsync(
        IEnumerable<Guid> ids, bool includeAuthorizedOperations = false, CancellationToken cancellation = default) => DescribeByMetadataAsync(
        Items<Guid, TopicDescription>(ids, static id => $"The topic with the id {id} could not be described"),
        static id => new MetadataRequest.MetadataRequestTopic { TopicId = id, Name = null }, static row => row.TopicId, includeAuthorizedOperations,
        FirstMetadataVersionWithIds, cancellation);

    ValueTask<IReadOnlyList<ItemResult<TKey, TopicDescription>>> DescribeByMetadataAsync<TKey>(
        AdminItems<TKey, TopicDescription> items,
        Func<TKey, MetadataRequest.MetadataRequestTopic> ask,
        Func<MetadataResponse.MetadataResponseTopic, TKey> keyOf,
        bool includeAuthorizedOperations,
        short minVersion,
        CallScope scope)
        where TKey : notnull => AskEach<TKey, TopicDescription, MetadataRequest, MetadataResponse>(
        items, ToAnyBroker<TKey>(),
        (_, keys) => new MetadataRequest
        {
            Topics = [.. keys.Select(ask)], AllowAutoTopicCreation = false, IncludeTopicAuthorizedOperations = includeAuthorizedOperations,
        },
        (answer, _, _) =>
        {
            var brokers = TopicDescriptions.BrokersOf(answer);
            foreach (var row in answer.Topics)
            {
                // A partition without a leader is told of in its own row; the topic is described all the same.
                var error = row.Partitions.Length > 0 ? ErrorCode.None : row.ErrorCode;
                items.Take(keyOf(row), error, null, () => TopicDescriptions.From(row, brokers, includeAuthorizedOperations));
            }
        },
        scope, minVersion);

    /// <summary>Page by page; null where the broker is too old for that.</summary>
    async ValueTask<IReadOnlyList<ItemResult<string, TopicDescription>>?> DescribeByPagesAsync(
        string[] names, bool includeAuthorizedOperations, CallScope scope)
    {
        var items = Items<string, TopicDescription>(names, static name => $"Topic '{name}' could not be described", StringComparer.Ordinal);
        if (items.IsOver)
            return items.Results();
        var brokers = (await DescribeCluster(scope)).Brokers.ToDictionary(static broker => broker.Id);
        var pages = new TopicPages(items, brokers, includeAuthorizedOperations);
        try
        {
            return await Start<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, IReadOnlyList<ItemResult<string, TopicDescription>>>(
                scope, call => new(call, _machine, _settings)
                {
                    What = "The topics could not be described",
                    Target = RequestTarget.AnyBroker,
                    Request = _ => pages.Next(),
                    Take = pages.Take,
                    Partial = error => pages.Results(error),
                });
        }
        catch (KafkaProtocolException tooOld) when (tooOld.Code == ErrorCode.UnsupportedVersion)
        {
            return null;
        }
    }
}
