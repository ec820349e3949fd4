using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class OffsetTests
{
    readonly MachineDriver driver = new();
    readonly Guid topicId;
    readonly int connection;

    public OffsetTests()
    {
        topicId = driver.CreateTopic("payments", partitions: 2).Id;
        connection = driver.Connect();
    }

    [Fact]
    public void Commit_without_a_member_is_for_groups_that_nobody_is_in()
    {
        var loner = new TestMember(driver);
        Assert.Equal(ErrorCode.None, loner.Commit("payments", 3, generation: -1, memberId: ""));

        new TestMember(driver).Join();

        Assert.Equal(ErrorCode.UnknownMemberId, loner.Commit("payments", 4, generation: -1, memberId: ""));
        Assert.Equal(3, Fetch(7).Topics[0].Partitions[0].CommittedOffset);
    }

    [Fact]
    public void Commit_of_a_generation_that_never_was_is_refused()
    {
        Assert.Equal(ErrorCode.GroupIdNotFound, new TestMember(driver).Commit("payments", 3, generation: 1, memberId: "x"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    public void Old_versions_fetch_one_group(short version)
    {
        Commit(9);

        var topic = Assert.Single(Fetch(version).Topics);

        Assert.Equal((9, "note"), (topic.Partitions[0].CommittedOffset, topic.Partitions[0].Metadata));
        Assert.Equal((-1, ""), (topic.Partitions[1].CommittedOffset, topic.Partitions[1].Metadata));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void New_versions_fetch_many_groups(short version)
    {
        Commit(9);
        var request = new OffsetFetchRequest
        {
            Groups =
            [
                new() { GroupId = "group", Topics = [new() { Name = "payments", TopicId = topicId, PartitionIndexes = [0] }] },
                new() { GroupId = "other", Topics = [new() { Name = "payments", TopicId = topicId, PartitionIndexes = [0] }] },
            ],
        };

        var groups = driver.Ask(connection, request, version).Groups;

        Assert.Equal([9, -1], groups.Select(group => group.Topics[0].Partitions[0].CommittedOffset));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Null_topics_mean_all_that_were_committed(short version)
    {
        Commit(9);

        var answer = driver.Ask(connection, new OffsetFetchRequest { GroupId = "group", Topics = null }, version);

        Assert.Equal(0, Assert.Single(Assert.Single(answer.Topics).Partitions).PartitionIndex);
    }

    [Fact]
    public void Unknown_topic_id_is_told_by_partition()
    {
        var commit = new OffsetCommitRequest
        {
            GroupId = "group", Topics = [new() { TopicId = Guid.Parse("11111111-1111-1111-1111-111111111111"), Partitions = [new()] }],
        };
        var fetch = new OffsetFetchRequest
        {
            Groups = [new() { GroupId = "group", Topics = [new() { TopicId = commit.Topics[0].TopicId, PartitionIndexes = [0] }] }],
        };

        Assert.Equal(ErrorCode.UnknownTopicId, driver.Ask(connection, commit, 10).Topics[0].Partitions[0].ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicId, driver.Ask(connection, fetch, 10).Groups[0].Topics[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public void Metadata_of_an_offset_has_a_limit()
    {
        driver.Cluster.Settings.MaxOffsetMetadataBytes = 3;

        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, new TestMember(driver).Commit("payments", 1, generation: -1, memberId: ""));
    }

    [Fact]
    public void Offsets_go_with_their_topic()
    {
        Commit(9);
        driver.Machine.Operate(driver.NowMs, cluster => cluster.DeleteTopic("payments", driver.NowMs));
        driver.CreateTopic("payments", partitions: 2);

        Assert.Equal(-1, Fetch(7).Topics[0].Partitions[0].CommittedOffset);
    }

    void Commit(long offset) =>
        Assert.Equal(ErrorCode.None, new TestMember(driver).Commit("payments", offset, generation: -1, memberId: ""));

    OffsetFetchResponse Fetch(short version) => driver.Ask(
        connection, new OffsetFetchRequest { GroupId = "group", Topics = [new() { Name = "payments", PartitionIndexes = [0, 1] }] }, version);
}
