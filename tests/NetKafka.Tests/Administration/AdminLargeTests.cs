using System.Collections.Concurrent;
using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing;

namespace NetKafka.Tests.Administration;

/// <summary>Calls over a thousand topics of ten partitions.</summary>
public sealed class AdminLargeTests : IAsyncDisposable
{
    const int Topics = 1_000;
    const int Partitions = 10;
    const int Page = 2_000;

    static readonly string[] Names = [.. Enumerable.Range(0, Topics).Select(static index => $"topic-{index:D4}")];
    static readonly TopicPartition[] All = [.. Names.SelectMany(static _ => Enumerable.Range(0, Partitions), static (name, partition) => new TopicPartition(name, partition))];

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3 });
    readonly ConcurrentQueue<RecordedAnswer> _answers = [];
    readonly KafkaClient _kafka;
    readonly Admin _admin;

    public AdminLargeTests()
    {
        _kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = _embedded.BootstrapServers,
            ConnectCallback = async (endpoint, cancellation) => new RecordingStream(await _embedded.ConnectAsync(endpoint, cancellation), _answers),
        });
        _admin = _kafka.CreateAdmin();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task No_answer_takes_more_memory_than_eight_times_its_frame_and_a_mebibyte()
    {
        Succeeded(await _admin.CreateTopicsAsync(Names.Select(static name => new NewTopic(name, Partitions, 3)), cancellation: Cancellation), Topics);
        Held<CreateTopicsRequest, CreateTopicsResponse>();
        Assert.Equal(Topics, (await _admin.ListTopicsAsync(cancellation: Cancellation)).Count);
        Held<MetadataRequest, MetadataResponse>();

        var described = await _admin.DescribeTopicsAsync(Names, includeAuthorizedOperations: true, Cancellation);
        Succeeded(described, Topics);
        Assert.Equal(All, described.SelectMany(static topic => topic.GetOrThrow().Partitions, static (topic, partition) => new TopicPartition(topic.Item, partition.Partition)));
        var pages = _answers.Count(static answer => answer.Api == ApiKey.DescribeTopicPartitions);
        Assert.Equal(Topics * Partitions / Page, pages);
        Held<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>();
        Succeeded(await _admin.DescribeTopicsByIdAsync(described.Select(static topic => topic.GetOrThrow().Id), cancellation: Cancellation), Topics);
        Held<MetadataRequest, MetadataResponse>();

        Succeeded(await _admin.DescribeConfigsAsync(Names.Select(ConfigResource.Topic), includeSynonyms: true, includeDocumentation: true, Cancellation), Topics);
        Held<DescribeConfigsRequest, DescribeConfigsResponse>();
        Succeeded(await _admin.ListOffsetsAsync(All.ToDictionary(static partition => partition, static _ => OffsetSpec.Latest), cancellation: Cancellation), All.Length);
        Held<ListOffsetsRequest, ListOffsetsResponse>();
        Succeeded(await _admin.DeleteRecordsAsync(All.Select(static partition => new TopicPartitionOffset(partition, 0)), Cancellation), All.Length);
        Held<DeleteRecordsRequest, DeleteRecordsResponse>();
        Succeeded(await _admin.DescribeProducersAsync(All, cancellation: Cancellation), All.Length);
        Held<DescribeProducersRequest, DescribeProducersResponse>();

        Assert.All(await _admin.AlterConsumerGroupOffsetsAsync("group", All.Select(static partition => new TopicPartitionOffset(partition, 0)), Cancellation), static outcome => outcome.EnsureSuccess());
        Held<OffsetCommitRequest, OffsetCommitResponse>();
        Assert.Equal(All.Length, Assert.Single(await _admin.ListConsumerGroupOffsetsAsync(["group"], cancellation: Cancellation)).GetOrThrow().Count);
        Held<OffsetFetchRequest, OffsetFetchResponse>();
        Assert.All(await _admin.DeleteConsumerGroupOffsetsAsync("group", All, Cancellation), static outcome => outcome.EnsureSuccess());
        Held<OffsetDeleteRequest, OffsetDeleteResponse>();

        Assert.All(
            await _admin.CreatePartitionsAsync(Names.ToDictionary(static name => name, static _ => new NewPartitions(Partitions + 1)), validateOnly: true, Cancellation),
            static outcome => outcome.EnsureSuccess());
        Held<CreatePartitionsRequest, CreatePartitionsResponse>();
        Assert.All(await _admin.DeleteTopicsAsync(Names, Cancellation), static outcome => outcome.EnsureSuccess());
        Held<DeleteTopicsRequest, DeleteTopicsResponse>();
    }

    static void Succeeded<TItem, TValue>(IReadOnlyList<ItemResult<TItem, TValue>> results, int count)
    {
        Assert.Equal(count, results.Count);
        Assert.All(results, static result => result.GetOrThrow());
    }

    /// <summary>The answers to one kind of request since the last look, of which there is one at least.</summary>
    void Held<TRequest, TResponse>()
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        var answers = _answers.Where(static answer => answer.Api == TRequest.ApiKey).ToArray();
        _answers.Clear();
        Assert.NotEmpty(answers);
        foreach (var answer in answers)
        {
            answer.MemoryOf<TRequest, TResponse>();
            var taken = answer.MemoryOf<TRequest, TResponse>();
            Assert.True(taken <= (8L * answer.Frame.Length) + (1 << 20), $"{answer.Api} {answer.Version}: {taken} bytes for a frame of {answer.Frame.Length}.");
        }
    }
}
