using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Administration;

/// <summary>The cluster, and requests that have no call of their own, against the embedded Kafka.</summary>
public sealed class AdminRequestTests : AdminScene
{
    [Fact]
    public async Task Broker_that_is_away_is_told_of_where_that_is_asked_for()
    {
        Embedded.StopBroker(2);
        Assert.Equal([1, 3], (await Admin.DescribeClusterAsync(Cancellation)).Brokers.Select(static broker => broker.Id));
        var cluster = await Admin.DescribeClusterAsync(includeFencedBrokers: true, includeAuthorizedOperations: true, Cancellation);
        Assert.Equal([(1, false), (2, true), (3, false)], cluster.Brokers.Select(static broker => (broker.Id, broker.IsFenced)));
        Assert.Contains(AclOperation.Alter, cluster.AuthorizedOperations!);
        Assert.NotNull(cluster.Controller);
    }

    [Fact]
    public async Task Request_is_answered_by_the_broker_that_it_is_for()
    {
        await Admin.CreateTopicAsync("payments", 3, 1, Cancellation);
        foreach (var partition in Assert.Single(await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation)).GetOrThrow().Partitions)
        {
            var listed = await Admin.AskAsync<ListOffsetsRequest, ListOffsetsResponse>(
                new ListOffsetsRequest
                {
                    ReplicaId = -1, Topics = [new() { Name = "payments", Partitions = [new() { PartitionIndex = partition.Partition, Timestamp = -1 }] }],
                },
                AdminTarget.Leader(new TopicPartition("payments", partition.Partition)), cancellation: Cancellation);
            Assert.Equal(ErrorCode.None, listed.Topics.Single().Partitions.Single().ErrorCode);
        }
        foreach (var group in (string[])["a", "b", "c", "d"])
        {
            var described = await Admin.AskAsync<DescribeGroupsRequest, DescribeGroupsResponse>(
                new DescribeGroupsRequest { Groups = [group] }, AdminTarget.GroupCoordinator(group), version: 5, Cancellation);
            Assert.Equal((ErrorCode.None, "Dead"), (described.Groups.Single().ErrorCode, described.Groups.Single().GroupState));
        }
        var wrong = await Admin.AskAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
            new DescribeConfigsRequest { Resources = [new() { ResourceType = 4, ResourceName = "2", ConfigurationKeys = null }] }, AdminTarget.Broker(2), cancellation: Cancellation);
        Assert.Equal(ErrorCode.None, wrong.Results.Single().ErrorCode);
    }

    [Fact]
    public async Task Errors_of_a_request_are_its_callers_to_read()
    {
        var answer = await Admin.AskAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
            new DescribeConfigsRequest { Resources = [new() { ResourceType = 4, ResourceName = "2", ConfigurationKeys = null }] }, AdminTarget.Broker(1), cancellation: Cancellation);
        Assert.Equal(ErrorCode.InvalidRequest, answer.Results.Single().ErrorCode);
    }

    [Fact]
    public async Task Every_broker_is_asked()
    {
        var answers = await Admin.AskEveryBrokerAsync<ListGroupsRequest, ListGroupsResponse>(new ListGroupsRequest(), cancellation: Cancellation);
        Assert.Equal([1, 2, 3], answers.Select(static answer => answer.Item));
        Assert.All(answers, static answer => Assert.Equal(ErrorCode.None, answer.GetOrThrow().ErrorCode));
    }

    [Fact]
    public async Task Version_that_a_broker_does_not_speak_is_an_error_that_says_so()
    {
        var error = await Assert.ThrowsAsync<KafkaProtocolException>(async () => await Admin.AskAsync<UpdateRaftVoterRequest, UpdateRaftVoterResponse>(
            new UpdateRaftVoterRequest(), AdminTarget.AnyBroker, cancellation: Cancellation));
        Assert.Equal(ErrorCode.UnsupportedVersion, error.Code);
        Assert.Contains("UpdateRaftVoter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaders_and_coordinators_are_not_looked_for_among_controllers()
    {
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapControllers = "localhost:1" });
        using var admin = kafka.CreateAdmin();
        var described = Assert.Single(await admin.DescribeClassicGroupsAsync(["g"], cancellation: Cancellation));
        var deleted = Assert.Single(await admin.DeleteRecordsAsync([new(new TopicPartition("payments", 0), -1)], Cancellation));
        Assert.Equal([ErrorCode.UnsupportedEndpointType, ErrorCode.UnsupportedEndpointType], [described.Error!.Code, deleted.Error!.Code]);
        Assert.Contains("use BootstrapServers", described.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Target_says_which_broker_it_is()
    {
        Assert.Equal("the coordinator of group 'g'", AdminTarget.GroupCoordinator("g").ToString());
        Assert.Equal("the leader of payments-1", AdminTarget.Leader(new TopicPartition("payments", 1)).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(static () => AdminTarget.Broker(-1));
        Assert.Throws<ArgumentException>(static () => AdminTarget.TransactionCoordinator(""));
    }
}
