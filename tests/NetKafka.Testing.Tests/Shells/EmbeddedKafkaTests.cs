using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Shells;

public sealed class EmbeddedKafkaTests
{
    [Fact]
    public async Task Clock_of_the_options_ends_the_waits()
    {
        var time = new ManualTime();
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { TimeProvider = time });
        kafka.CreateTopic("payments");
        await using var client = await WireClient.ConnectAsync(kafka);
        await client.SendAsync(Requests.FetchOf("payments", 0, maxWaitMs: 500), 12);
        var waiting = client.TakeAsync(new FetchRequest(), 12);
        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(ErrorCode.None, (await waiting).Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task Clock_of_the_options_stamps_the_records()
    {
        var time = new ManualTime();
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { TimeProvider = time });
        kafka.CreateTopic("payments", configs: new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" });
        await using var client = await WireClient.ConnectAsync(kafka);
        time.Advance(TimeSpan.FromMinutes(5));
        await client.AskAsync(Requests.ProduceOf("payments", Batches.Create(["a"], 5)), 12);

        Assert.Equal(time.GetUtcNow(), Assert.Single(kafka.ReadLog("payments", 0)).Timestamp);
    }

    [Fact]
    public void Leaders_and_coordinators_are_where_they_are_put()
    {
        using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3 });
        kafka.CreateTopic("payments", partitions: 2);
        var leader = (kafka.GetLeader("payments", 1) % 3) + 1;
        var coordinator = (kafka.GetCoordinator("realtime-risk") % 3) + 1;

        kafka.MoveLeader("payments", 1, leader);
        kafka.MoveCoordinator("realtime-risk", coordinator);

        Assert.Equal(leader, kafka.GetLeader("payments", 1));
        Assert.Equal(coordinator, kafka.GetCoordinator("realtime-risk"));
        kafka.StopBroker(leader);
        Assert.NotEqual(leader, kafka.GetLeader("payments", 1));
        Assert.Throws<InvalidOperationException>(() => kafka.MoveLeader("payments", 1, leader));
    }

    [Fact]
    public async Task Records_and_offsets_are_read_without_a_client()
    {
        await using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("payments");
        await using var client = await WireClient.ConnectAsync(kafka);
        await client.AskAsync(Requests.ProduceOf("payments", Batches.Create(["a", "b"], 5_000)), 12);
        await client.AskAsync(Requests.ProduceOf("payments", Batches.Create(["c"], 6_000)), 12);
        Assert.Null(kafka.GetCommittedOffset("realtime-risk", "payments", 0));
        var commit = new OffsetCommitRequest
        {
            GroupId = "realtime-risk", Topics = [new() { Name = "payments", Partitions = [new() { CommittedOffset = 2 }] }],
        };
        await client.AskAsync(commit, 9);

        Assert.Equal(2, kafka.GetCommittedOffset("realtime-risk", "payments", 0));
        kafka.DeleteRecords("payments", 0, beforeOffset: 1);
        Assert.Equal([1, 2], kafka.ReadLog("payments", 0).Select(record => record.Offset));
    }

    [Fact]
    public void Topics_are_created_grown_and_deleted()
    {
        using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { DefaultPartitions = 2 });
        kafka.CreateTopic("payments");
        kafka.AddPartitions("payments", 3);

        Assert.Empty(kafka.ReadLog("payments", 2));
        Assert.Throws<InvalidOperationException>(() => kafka.AddPartitions("payments", 3));
        kafka.DeleteTopic("payments");
        Assert.Throws<InvalidOperationException>(() => kafka.ReadLog("payments", 0));
    }

    [Theory]
    [InlineData(1, 500, ErrorCode.None)]
    [InlineData(0, 0, ErrorCode.UnsupportedVersion)]
    public async Task Consumer_protocol_is_served_unless_the_options_say_otherwise(int version, int intervalMs, ErrorCode expected)
    {
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { GroupVersion = version });
        await using var client = await WireClient.ConnectAsync(kafka);
        var request = new ConsumerGroupHeartbeatRequest
        {
            GroupId = "group", MemberId = "a", RebalanceTimeoutMs = 1_000, SubscribedTopicNames = ["payments"], TopicPartitions = [],
        };

        var answer = await client.AskAsync(request, 1);

        Assert.Equal((expected, intervalMs), (answer.ErrorCode, answer.HeartbeatIntervalMs));
    }

    [Fact]
    public void Same_seed_gives_the_same_ids()
    {
        Assert.Equal(IdOf(seed: 7), IdOf(seed: 7));
        Assert.NotEqual(IdOf(seed: 7), IdOf(seed: 8));

        static Guid IdOf(long seed)
        {
            var driver = new MachineDriver(seed: seed);
            return driver.CreateTopic("payments").Id;
        }
    }
}
