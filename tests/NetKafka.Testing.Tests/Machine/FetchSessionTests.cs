using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class FetchSessionTests
{
    readonly MachineDriver driver = new();
    readonly int connection;

    public FetchSessionTests()
    {
        driver.CreateTopic("payments", partitions: 3);
        connection = driver.Connect();
    }

    [Fact]
    public void Full_fetch_opens_a_session_and_names_every_partition()
    {
        var opened = Open();

        Assert.True(opened.SessionId > 0);
        Assert.Equal([0, 1, 2], Named(opened));
    }

    [Fact]
    public void Incremental_fetch_names_only_partitions_with_news()
    {
        var session = Open().SessionId;
        Assert.Empty(Continue(session, 1).Responses);

        driver.Produce(driver.Connect(), "payments", driver.Batch("a"), partition: 1);

        Assert.Equal([1], Named(Continue(session, 2)));
    }

    [Fact]
    public void Partition_with_records_is_named_until_its_offset_moves()
    {
        var session = Open().SessionId;
        driver.Produce(driver.Connect(), "payments", driver.Batch("a"), partition: 1);

        Assert.Equal([1], Named(Continue(session, 1)));
        Assert.Equal([1], Named(Continue(session, 2)));
        Assert.Empty(Continue(session, 3, changed: Partition(1, offset: 1)).Responses);
    }

    [Fact]
    public void Partition_that_gave_records_goes_to_the_end_of_the_order()
    {
        var session = Open().SessionId;
        var producer = driver.Connect();
        driver.Produce(producer, "payments", driver.Batch("a"), partition: 0);
        Continue(session, 1);
        driver.Produce(producer, "payments", driver.Batch("b"), partition: 2);

        Assert.Equal([2, 0], Named(Continue(session, 2)));
    }

    [Fact]
    public void Forgotten_partition_is_read_no_more()
    {
        var session = Open().SessionId;
        driver.Produce(driver.Connect(), "payments", driver.Batch("a"), partition: 1);

        Assert.Empty(Continue(session, 1, forgotten: 1).Responses);
    }

    [Fact]
    public void Wrong_epoch_is_refused_and_the_session_stays()
    {
        var session = Open().SessionId;

        var refused = Continue(session, 2);

        Assert.Equal((ErrorCode.InvalidFetchSessionEpoch, 0), (refused.ErrorCode, refused.SessionId));
        Assert.Equal(ErrorCode.None, Continue(session, 1).ErrorCode);
    }

    [Fact]
    public void Unknown_session_is_refused()
    {
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, Continue(12345, 1).ErrorCode);
    }

    [Fact]
    public void Final_epoch_ends_the_session()
    {
        var session = Open().SessionId;
        var final = Open(session, epoch: -1);

        Assert.Equal(0, final.SessionId);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, Continue(session, 1).ErrorCode);
    }

    [Fact]
    public void Full_fetch_in_a_session_replaces_it()
    {
        var first = Open().SessionId;
        var second = Open(first).SessionId;

        Assert.NotEqual(first, second);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, Continue(first, 1).ErrorCode);
        Assert.Equal(ErrorCode.None, Continue(second, 1).ErrorCode);
    }

    [Fact]
    public void Broker_without_a_slot_serves_without_a_session()
    {
        driver.Cluster.Settings.MaxFetchSessions = 1;
        Open();

        Assert.Equal(0, Open().SessionId);
    }

    [Fact]
    public void Session_that_forgets_everything_ends()
    {
        var session = Open().SessionId;
        var request = Incremental(session, 1);
        request.ForgottenTopicsData = [new() { Topic = "payments", Partitions = [0, 1, 2] }];

        Assert.Equal(0, driver.Ask(connection, request, 12).SessionId);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, Continue(session, 2).ErrorCode);
    }

    [Fact]
    public void Session_by_name_cannot_go_on_by_topic_id()
    {
        var session = Open().SessionId;

        Assert.Equal(ErrorCode.FetchSessionTopicIdError, driver.Ask(connection, Incremental(session, 1), 13).ErrorCode);
    }

    [Fact]
    public void Error_is_repeated_and_its_end_is_told()
    {
        var opened = driver.Ask(connection, Full(0, 0, "later"), 12);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, opened.Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Continue(opened.SessionId, 1).Responses[0].Partitions[0].ErrorCode);

        driver.CreateTopic("later", partitions: 3);

        Assert.Equal([ErrorCode.None, ErrorCode.None, ErrorCode.None],
            Continue(opened.SessionId, 2).Responses[0].Partitions.Select(partition => partition.ErrorCode));
    }

    [Fact]
    public void Stopped_broker_forgets_its_sessions()
    {
        var session = Open().SessionId;
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(1, driver.NowMs));
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StartBroker(1, driver.NowMs));

        var answer = driver.Ask(driver.Connect(), Incremental(session, 1), 12);

        Assert.Equal(ErrorCode.FetchSessionIdNotFound, answer.ErrorCode);
    }

    /// <summary>Real brokers let a client do so.</summary>
    [Theory]
    [InlineData(false, ErrorCode.None)]
    [InlineData(true, ErrorCode.InvalidRequest)]
    public void Session_that_is_in_order_is_not_begun_anew_where_that_is_refused(bool isRefused, ErrorCode expected)
    {
        driver.Cluster.Settings.RefusesNeedlessFullFetches = isRefused;
        var session = Open().SessionId;
        Continue(session, 1);

        Assert.Equal(expected, Open(session).ErrorCode);
    }

    [Fact]
    public void Session_is_begun_anew_for_a_reason_also_where_that_is_refused()
    {
        driver.Cluster.Settings.RefusesNeedlessFullFetches = true;
        var session = Open().SessionId;

        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, Continue(session, 5).ErrorCode);
        var next = Open(session);
        Assert.Equal(ErrorCode.None, next.ErrorCode);
        Assert.Equal(ErrorCode.None, driver.Ask(driver.Connect(), Full(next.SessionId, 0, "payments"), 12).ErrorCode);
    }

    static FetchRequest Full(int session, int epoch, string topic) => new()
    {
        MaxBytes = 1_000,
        SessionId = session,
        SessionEpoch = epoch,
        Topics = [new() { Topic = topic, Partitions = [Partition(0), Partition(1), Partition(2)] }],
    };

    static FetchRequest Incremental(int session, int epoch) => new() { MaxBytes = 1_000, SessionId = session, SessionEpoch = epoch };

    static FetchRequest.FetchPartition Partition(int index, long offset = 0) =>
        new() { Partition = index, FetchOffset = offset, PartitionMaxBytes = 1_000 };

    static int[] Named(FetchResponse response) =>
        [.. response.Responses.SelectMany(topic => topic.Partitions).Select(partition => partition.PartitionIndex)];

    FetchResponse Open(int session = 0, int epoch = 0) => driver.Ask(connection, Full(session, epoch, "payments"), 12);

    FetchResponse Continue(int session, int epoch, FetchRequest.FetchPartition? changed = null, int? forgotten = null)
    {
        var request = Incremental(session, epoch);
        if (changed is not null)
            request.Topics = [new() { Topic = "payments", Partitions = [changed] }];
        if (forgotten is { } index)
            request.ForgottenTopicsData = [new() { Topic = "payments", Partitions = [index] }];
        return driver.Ask(connection, request, 12);
    }
}
