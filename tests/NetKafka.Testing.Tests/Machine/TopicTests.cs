using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class TopicTests
{
    readonly MachineDriver driver = new(brokers: 3, settings => settings.DefaultPartitions = 2);
    readonly int connection;

    public TopicTests() => connection = driver.Connect();

    [Fact]
    public void Asked_topic_is_created_and_known_the_next_time()
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Metadata("new").ErrorCode);

        var known = Metadata("new");

        Assert.Equal((ErrorCode.None, 2), (known.ErrorCode, known.Partitions.Length));
        Assert.NotEqual(Guid.Empty, known.TopicId);
    }

    [Fact]
    public void Topic_is_not_created_where_the_client_or_the_cluster_forbids_it()
    {
        Ask(new MetadataRequest { Topics = [new() { Name = "new" }], AllowAutoTopicCreation = false });
        driver.Cluster.Settings.AutoCreateTopics = false;
        Metadata("new");

        Assert.Null(driver.Cluster.FindTopic("new"));
    }

    [Fact]
    public void Null_topics_mean_all_and_none_mean_none()
    {
        driver.CreateTopic("a");
        driver.CreateTopic("b");

        Assert.Equal(["a", "b"], Ask(new MetadataRequest { Topics = null }).Topics.Select(topic => topic.Name));
        Assert.Empty(Ask(new MetadataRequest { Topics = [] }).Topics);
        Assert.Equal(2, driver.Ask(connection, new MetadataRequest { Topics = [] }, 0).Topics.Length);
    }

    [Fact]
    public void Topic_is_found_by_its_id_from_version_12_on()
    {
        var id = driver.CreateTopic("a").Id;
        var request = new MetadataRequest { Topics = [new() { Name = null, TopicId = id }] };

        Assert.Equal("a", driver.Ask(connection, request, 12).Topics[0].Name);
        request.Topics[0].TopicId = Guid.Parse("11111111-1111-1111-1111-111111111111");
        Assert.Equal(ErrorCode.UnknownTopicId, driver.Ask(connection, request, 12).Topics[0].ErrorCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void Name_that_can_be_no_topics_is_invalid(string name)
    {
        Assert.Equal(ErrorCode.InvalidTopicException, Metadata(name).ErrorCode);
        Assert.Equal(ErrorCode.InvalidTopicException, Create(new() { Name = name, NumPartitions = 1, ReplicationFactor = 1 }).ErrorCode);
    }

    [Fact]
    public void Brokers_and_replicas_are_told_in_metadata()
    {
        driver.CreateTopic("a", partitions: 3, replicas: 2);

        var answer = Ask(new MetadataRequest { Topics = null });

        Assert.Equal([1, 2, 3], answer.Brokers.Select(broker => broker.NodeId));
        Assert.Equal(3, answer.Topics[0].Partitions.Select(partition => partition.LeaderId).Distinct().Count());
        Assert.All(answer.Topics[0].Partitions, partition => Assert.Equal(2, partition.ReplicaNodes.Length));
    }

    [Fact]
    public void Created_topic_tells_its_id_size_and_configs()
    {
        var created = Create(new()
        {
            Name = "a", NumPartitions = 4, ReplicationFactor = 2, Configs = [new() { Name = "retention.ms", Value = "1000" }],
        });

        Assert.Equal((ErrorCode.None, 4, 2), (created.ErrorCode, created.NumPartitions, created.ReplicationFactor));
        Assert.Equal(driver.Cluster.FindTopic("a")!.Id, created.TopicId);
        Assert.Contains(created.Configs!, config => config is { Name: "retention.ms", Value: "1000", ConfigSource: 1 });
    }

    [Fact]
    public void Minus_one_takes_the_defaults()
    {
        var created = Create(new() { Name = "a", NumPartitions = -1, ReplicationFactor = -1 });

        Assert.Equal((2, 3), (created.NumPartitions, created.ReplicationFactor));
    }

    [Fact]
    public void Assignment_names_the_replicas()
    {
        var created = Create(new()
        {
            Name = "a",
            NumPartitions = -1,
            ReplicationFactor = -1,
            Assignments = [new() { PartitionIndex = 1, BrokerIds = [3] }, new() { PartitionIndex = 0, BrokerIds = [2, 1] }],
        });

        Assert.Equal(ErrorCode.None, created.ErrorCode);
        Assert.Equal([2, 3], driver.Cluster.FindTopic("a")!.Partitions.Select(partition => partition.Leader));
    }

    [Fact]
    public void Topic_that_cannot_be_is_refused()
    {
        driver.CreateTopic("here");

        Assert.Equal(ErrorCode.TopicAlreadyExists, Create(new() { Name = "here", NumPartitions = 1, ReplicationFactor = 1 }).ErrorCode);
        Assert.Equal(ErrorCode.InvalidPartitions, Create(new() { Name = "a", NumPartitions = 0, ReplicationFactor = 1 }).ErrorCode);
        Assert.Equal(ErrorCode.PolicyViolation, Create(new() { Name = "a", NumPartitions = 10_001, ReplicationFactor = 1 }).ErrorCode);
        Assert.Equal(ErrorCode.InvalidReplicationFactor, Create(new() { Name = "a", NumPartitions = 1, ReplicationFactor = 4 }).ErrorCode);
        Assert.Equal(ErrorCode.InvalidReplicationFactor, Create(new() { Name = "a", NumPartitions = 1, ReplicationFactor = 0 }).ErrorCode);
        Assert.Equal(ErrorCode.InvalidConfig, Create(Configured("no.such.config", "1")).ErrorCode);
        Assert.Equal(ErrorCode.InvalidConfig, Create(Configured("max.message.bytes", "many")).ErrorCode);
        Assert.Equal(ErrorCode.InvalidConfig, Create(Configured("retention.ms", "long")).ErrorCode);
        Assert.Null(driver.Cluster.FindTopic("a"));
    }

    [Fact]
    public void Validation_creates_nothing()
    {
        var request = new CreateTopicsRequest { ValidateOnly = true, Topics = [new() { Name = "a", NumPartitions = 1, ReplicationFactor = 1 }] };

        Assert.Equal(ErrorCode.None, driver.Ask(connection, request, 7).Topics[0].ErrorCode);
        Assert.Null(driver.Cluster.FindTopic("a"));
    }

    [Fact]
    public void Topic_named_twice_is_refused_once()
    {
        var request = new CreateTopicsRequest
        {
            Topics = [new() { Name = "a", NumPartitions = 1, ReplicationFactor = 1 }, new() { Name = "a", NumPartitions = 1, ReplicationFactor = 1 }],
        };

        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(driver.Ask(connection, request, 7).Topics).ErrorCode);
    }

    [Fact]
    public void Topics_are_deleted_by_name_and_by_id()
    {
        driver.CreateTopic("a");
        var id = driver.CreateTopic("b").Id;

        var byName = driver.Ask(connection, new DeleteTopicsRequest { TopicNames = ["a", "nothing"] }, 5);
        var byId = driver.Ask(connection, new DeleteTopicsRequest { Topics = [new() { TopicId = id }] }, 6);

        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicOrPartition], byName.Responses.Select(topic => topic.ErrorCode));
        Assert.Equal((ErrorCode.None, "b"), (byId.Responses[0].ErrorCode, byId.Responses[0].Name));
        Assert.Empty(driver.Cluster.Topics);
    }

    [Fact]
    public void Partitions_are_added_and_never_taken()
    {
        driver.CreateTopic("a", partitions: 2);

        Assert.Equal(ErrorCode.InvalidPartitions, Grow(2));
        Assert.Equal(ErrorCode.None, Grow(3));
        Assert.Equal(3, Metadata("a").Partitions.Length);
    }

    [Fact]
    public void Described_topic_is_cut_at_the_limit_and_goes_on_at_the_cursor()
    {
        driver.CreateTopic("a", partitions: 2);
        driver.CreateTopic("b", partitions: 3);
        var request = new DescribeTopicPartitionsRequest { Topics = [new() { Name = "b" }, new() { Name = "a" }], ResponsePartitionLimit = 3 };

        var first = driver.Ask(connection, request, 0);
        request.Cursor = new() { TopicName = first.NextCursor!.TopicName, PartitionIndex = first.NextCursor.PartitionIndex };
        var second = driver.Ask(connection, request, 0);

        Assert.Equal(["a", "b"], first.Topics.Select(topic => topic.Name));
        Assert.Equal(("b", 1), (request.Cursor.TopicName, request.Cursor.PartitionIndex));
        Assert.Equal([1, 2], second.Topics[0].Partitions.Select(partition => partition.PartitionIndex));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public void Topic_configs_are_described_with_their_source()
    {
        driver.CreateTopic("a", configs: ("retention.ms", "5"));
        var request = new DescribeConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = "a", ConfigurationKeys = ["retention.ms", "cleanup.policy"] }] };

        var configs = driver.Ask(connection, request, 4).Results[0].Configs;

        Assert.Equal([("cleanup.policy", "delete", 5), ("retention.ms", "5", 1)],
            configs.Select(config => (config.Name, config.Value, (int)config.ConfigSource)));
    }

    static CreateTopicsRequest.CreatableTopic Configured(string name, string value) =>
        new() { Name = "a", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = name, Value = value }] };

    ErrorCode Grow(int count) =>
        driver.Ask(connection, new CreatePartitionsRequest { Topics = [new() { Name = "a", Count = count, Assignments = null }] }, 3).Results[0].ErrorCode;

    MetadataResponse Ask(MetadataRequest request) => driver.Ask(connection, request, 12);

    MetadataResponse.MetadataResponseTopic Metadata(string name) => Ask(new MetadataRequest { Topics = [new() { Name = name }] }).Topics[0];

    CreateTopicsResponse.CreatableTopicResult Create(CreateTopicsRequest.CreatableTopic topic) =>
        driver.Ask(connection, new CreateTopicsRequest { Topics = [topic] }, 7).Topics[0];
}
