using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>What a coordinator refuses of members of the consumer protocol.</summary>
public sealed class ConsumerGroupRefusalTests
{
    readonly MachineDriver driver = new(brokers: 2);

    public ConsumerGroupRefusalTests() => driver.CreateTopic("payments", partitions: 2);

    public static TheoryData<string, Action<Request>> Mistakes => new()
    {
        { "no group", request => request.GroupId = "" },
        { "no member id", request => request.MemberId = "" },
        { "blank member id", request => request.MemberId = " " },
        { "empty instance id", request => request.InstanceId = "" },
        { "empty rack", request => request.RackId = "" },
        { "no rebalance timeout", request => request.RebalanceTimeoutMs = -1 },
        { "nothing about partitions", request => request.TopicPartitions = null },
        { "partitions", request => request.TopicPartitions = [new() { Partitions = [0] }] },
        { "no subscription", request => request.SubscribedTopicNames = null },
        { "epoch -3", request => request.MemberEpoch = -3 },
        { "dynamic member leaves for now", request => request.MemberEpoch = -2 },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Request_of_a_wrong_shape_is_refused(string what, Action<Request> mistake)
    {
        var member = new TestConsumer(driver, "a");
        var request = member.JoinRequest(["payments"]);
        mistake(request);

        var answer = member.Ask(request);

        Assert.True(answer.ErrorCode == ErrorCode.InvalidRequest, what);
        Assert.NotEmpty(answer.ErrorMessage!);
        Assert.Null(driver.Cluster.Groups.Find("group"));
    }

    [Fact]
    public void Member_without_an_id_is_given_one_before_version_1()
    {
        var member = new TestConsumer(driver, "");

        var answer = member.Ask(member.JoinRequest(["payments"]), version: 0);

        Assert.Equal((ErrorCode.None, 2), (answer.ErrorCode, answer.MemberEpoch));
        Assert.NotEmpty(answer.MemberId!);
        Assert.NotNull(driver.Cluster.Groups.FindConsumer("group")!.Find(answer.MemberId!));
    }

    [Fact]
    public void Assignor_that_brokers_do_not_have_is_refused()
    {
        var member = new TestConsumer(driver, "a");
        var request = member.JoinRequest(["payments"]);
        request.ServerAssignor = "sticky";

        Assert.Equal(ErrorCode.UnsupportedAssignor, member.Ask(request).ErrorCode);
    }

    [Fact]
    public void Group_that_is_full_takes_nobody_else_and_keeps_who_is_in_it()
    {
        driver.Cluster.Settings.MaxConsumerGroupSize = 1;
        var member = new TestConsumer(driver, "a");
        member.Join("payments");

        Assert.Equal(ErrorCode.GroupMaxSizeReached, new TestConsumer(driver, "b").Join("payments").ErrorCode);
        Assert.Equal(ErrorCode.None, member.Beat().ErrorCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Group_that_is_not_there_is_not_found(int epoch)
    {
        var member = new TestConsumer(driver, "a");
        var request = member.BeatRequest();
        request.MemberEpoch = epoch;

        Assert.Equal(ErrorCode.GroupIdNotFound, member.Ask(request).ErrorCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Stranger_is_unknown(int epoch)
    {
        new TestConsumer(driver, "a").Join("payments");
        var stranger = new TestConsumer(driver, "b");
        var request = stranger.BeatRequest();
        request.MemberEpoch = epoch;

        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Ask(request).ErrorCode);
    }

    [Fact]
    public void Other_brokers_do_not_coordinate()
    {
        var member = new TestConsumer(driver, "a");
        var other = driver.Connect(3 - driver.Cluster.Groups.CoordinatorOf("group"));

        Assert.Equal(ErrorCode.NotCoordinator, driver.Ask(other, member.JoinRequest(["payments"]), 1).ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, driver.Ask(other, new ConsumerGroupDescribeRequest { GroupIds = ["group"] }, 1).Groups[0].ErrorCode);
    }

    [Fact]
    public void Cluster_that_has_not_finalized_the_feature_announces_the_api_and_refuses_it()
    {
        driver.Cluster.Settings.GroupVersion = 0;
        var member = new TestConsumer(driver, "a");
        var versions = driver.Ask(member.Connection, new ApiVersionsRequest(), 3);

        Assert.Equal(ErrorCode.UnsupportedVersion, member.Join("payments").ErrorCode);
        Assert.Equal(
            ErrorCode.UnsupportedVersion,
            driver.Ask(member.Connection, new ConsumerGroupDescribeRequest { GroupIds = ["group"] }, 1).Groups[0].ErrorCode);
        Assert.Contains(versions.ApiKeys, api => api.ApiKey == (short)ApiKey.ConsumerGroupHeartbeat);
        Assert.Contains(versions.SupportedFeatures, feature => feature is { Name: "group.version", MinVersion: 0, MaxVersion: 1 });
        Assert.DoesNotContain(versions.FinalizedFeatures, feature => feature.Name == "group.version");
    }

    [Fact]
    public void Feature_is_finalized_unless_a_test_says_otherwise()
    {
        var versions = driver.Ask(driver.Connect(), new ApiVersionsRequest(), 3);

        Assert.Contains(versions.FinalizedFeatures, feature => feature is { Name: "group.version", MinVersionLevel: 1, MaxVersionLevel: 1 });
    }
}
