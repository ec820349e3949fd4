using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Share partitions at their leaders: locks, sessions, leaders that move, and logs that lose what was acquired.</summary>
public sealed class ShareFetchTests
{
    const string Topic = "payments";
    const sbyte Accept = 1;
    const sbyte Release = 2;
    const sbyte Renew = 4;
    readonly MachineDriver driver = new(brokers: 2);
    readonly Topic topic;

    public ShareFetchTests()
    {
        topic = driver.CreateTopic(Topic, replicas: 2);
        driver.Cluster.GroupConfigs.Set("group", "share.auto.offset.reset", "earliest");
        driver.Machine.Operate(0, cluster => cluster.MoveLeader(Topic, 0, 1, 0));
    }

    [Fact]
    public void Lock_ends_to_the_millisecond_and_its_record_is_delivered_again()
    {
        var (a, b) = (Sharer("a"), Sharer("b"));
        Produce(2);
        Assert.Equal([(0, 1, 1)], a.Fetch(topic.Id));
        driver.Pass(29_999);
        Assert.Empty(b.Fetch(topic.Id));

        driver.Pass(1);

        Assert.Equal([(0, 1, 2)], b.Fetch(topic.Id));
        Assert.Equal(ErrorCode.InvalidRecordState, a.Acknowledge(topic.Id, (0, 1, Accept)));
    }

    [Fact]
    public void Renewed_lock_begins_anew_and_others_end_in_their_time()
    {
        var (a, b) = (Sharer("a"), Sharer("b"));
        Produce(3);
        a.Fetch(topic.Id);
        driver.Pass(20_000);
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (1, 1, Renew)));

        driver.Pass(10_000);

        Assert.Equal([(0, 0, 2), (2, 2, 2)], b.Fetch(topic.Id));
        driver.Pass(19_999);
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (1, 1, Accept)));
    }

    [Fact]
    public void Parked_fetch_is_answered_when_a_lock_ends()
    {
        var (a, b) = (Sharer("a"), Sharer("b"));
        Produce(1);
        a.Fetch(topic.Id);
        driver.Send(b.Leader, b.Fetching(topic.Id, maxWaitMs: 60_000), TestSharer.FetchVersion);
        Assert.False(driver.HasAnswer(b.Leader));

        driver.Pass(30_000);

        Assert.Equal([(0, 0, 2)], TestSharer.Ranges(driver.Take(b.Leader, b.Fetching(topic.Id), TestSharer.FetchVersion)));
    }

    [Fact]
    public void Parked_fetch_of_a_connection_that_ends_acquires_nothing()
    {
        var (a, b) = (Sharer("a"), Sharer("b"));
        driver.Send(a.Leader, a.Fetching(topic.Id, maxWaitMs: 60_000), TestSharer.FetchVersion);
        a.Disconnect();

        Produce(1);

        Assert.Equal([(0, 0, 1)], b.Fetch(topic.Id));
    }

    [Fact]
    public void New_leader_has_what_was_said_and_forgets_who_has_what()
    {
        var a = Sharer("a");
        Produce(6);
        a.Fetch(topic.Id);
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (0, 1, Accept), (3, 3, Release), (4, 4, Accept)));

        Move(2);

        // Of the third and the last nothing was said: as if they had never been delivered.
        var b = Sharer("b", 2);
        Assert.Equal([(2, 2, 1), (3, 3, 2)], b.Fetch(topic.Id, maxRecords: 2));
        Assert.Equal([(5, 5, 1)], b.Fetch(topic.Id));
        Assert.Equal(ErrorCode.None, b.Acknowledge(topic.Id, (2, 3, Accept), (5, 5, Accept)));
        Produce(1, 2);
        Assert.Equal([(6, 6, 1)], b.Fetch(topic.Id));
    }

    [Fact]
    public void New_leader_finds_what_is_free_in_the_middle_of_a_batch_of_the_log()
    {
        var a = Sharer("a");
        Produce(6);
        a.Fetch(topic.Id);
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (0, 2, Accept), (3, 4, Release), (5, 5, Accept)));
        Move(2);
        var b = Sharer("b", 2);
        Assert.Equal([(3, 3, 2)], b.Fetch(topic.Id, 1, isStrict: true));
        Assert.Equal(ErrorCode.None, b.Acknowledge(topic.Id, (3, 3, Accept)));

        Assert.Equal([(4, 4, 2)], b.Fetch(topic.Id));
    }

    [Fact]
    public void Former_leader_says_who_leads_and_takes_no_acknowledgements()
    {
        var a = Sharer("a");
        Produce(1);
        a.Fetch(topic.Id);
        Move(2);

        var answer = driver.Ask(a.Leader, a.Fetching(topic.Id), TestSharer.FetchVersion);

        var row = answer.Responses.Single().Partitions.Single();
        Assert.Equal((ErrorCode.NotLeaderOrFollower, 2), (row.ErrorCode, row.CurrentLeader.LeaderId));
        Assert.Equal(2, answer.NodeEndpoints.Single().NodeId);
        a.SessionEpoch++;
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, a.Acknowledge(topic.Id, (0, 0, Accept)));
    }

    [Fact]
    public void Parked_fetch_is_not_told_that_its_leader_has_moved()
    {
        var a = Sharer("a");
        driver.Send(a.Leader, a.Fetching(topic.Id, maxWaitMs: 60_000), TestSharer.FetchVersion);

        Move(2);
        Produce(1, 2);

        Assert.False(driver.HasAnswer(a.Leader));
        driver.Pass(60_000);
        var answer = driver.Take(a.Leader, a.Fetching(topic.Id), TestSharer.FetchVersion);
        Assert.Equal((ErrorCode.None, 0), (answer.ErrorCode, answer.Responses.Length));
    }

    [Fact]
    public void Lock_of_a_former_leader_ends_without_a_trace()
    {
        var a = Sharer("a");
        Produce(1);
        a.Fetch(topic.Id);
        Move(2);
        var b = Sharer("b", 2);
        Assert.Equal([(0, 0, 1)], b.Fetch(topic.Id));

        driver.Pass(29_999);

        Assert.Equal(ErrorCode.None, b.Acknowledge(topic.Id, (0, 0, Accept)));
    }

    [Fact]
    public void Group_that_begins_at_the_latest_begins_again_at_a_leader_that_nothing_was_told()
    {
        driver.Cluster.GroupConfigs.Set("group", "share.auto.offset.reset", "latest");
        var a = Sharer("a");
        Assert.Empty(a.Fetch(topic.Id));
        Produce(2);
        Assert.Equal([(0, 1, 1)], a.Fetch(topic.Id));

        Move(2);

        Assert.Empty(Sharer("b", 2).Fetch(topic.Id));
    }

    [Fact]
    public void Broker_that_was_killed_frees_what_its_members_had()
    {
        var a = Sharer("a");
        Produce(2);
        a.Fetch(topic.Id);
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (0, 0, Accept)));

        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(1, driver.NowMs));

        Assert.Equal([(1, 1, 1)], Sharer("b", 2).Fetch(topic.Id));
    }

    [Fact]
    public void Batch_that_compaction_took_away_holds_nothing_up()
    {
        var a = Sharer("a");
        Produce(2);
        Produce(2);
        Produce(2);
        a.Fetch(topic.Id);
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (2, 3, Release)));
        driver.Machine.Operate(driver.NowMs, _ => topic.Partitions[0].Log.Remove(1));

        Assert.Empty(a.Fetch(topic.Id));
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (0, 1, Accept), (4, 5, Accept)));
        Produce(1);
        Assert.Equal([(6, 6, 1)], a.Fetch(topic.Id));
    }

    [Fact]
    public void Deleted_records_are_given_up_and_acknowledging_them_is_no_mistake()
    {
        var a = Sharer("a");
        Produce(4);
        a.Fetch(topic.Id);
        driver.Machine.Operate(driver.NowMs, _ => ClusterState.DeleteRecords(topic.Partitions[0], 4, driver.NowMs));
        Produce(1);

        Assert.Equal([(4, 4, 1)], a.Fetch(topic.Id));
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (0, 3, Accept)));
        Assert.Equal(ErrorCode.None, a.Acknowledge(topic.Id, (4, 4, Accept)));
    }

    [Fact]
    public void Records_above_the_high_watermark_are_nobodys()
    {
        driver.Cluster.Settings.ReplicationDelayMs = 100;
        var a = Sharer("a");
        a.Fetch(topic.Id);
        driver.Send(Producer(1), Requests.ProduceOf(Topic, driver.Batch("v"), 0, 1), Requests.ProduceVersion);

        Assert.Empty(a.Fetch(topic.Id));
        driver.Pass(100);
        Assert.Equal([(0, 0, 1)], a.Fetch(topic.Id));
    }

    [Fact]
    public void Broker_has_so_many_share_sessions_and_no_more()
    {
        driver.Cluster.Settings.MaxShareSessions = 1;
        var (a, b) = (Sharer("a"), Sharer("b"));
        a.Fetch(topic.Id);

        Assert.Equal(ErrorCode.ShareSessionLimitReached, driver.Ask(b.Leader, b.Fetching(topic.Id), TestSharer.FetchVersion).ErrorCode);
        Assert.Equal(ErrorCode.None, a.EndSession());
        Assert.Empty(b.Fetch(topic.Id));
    }

    [Fact]
    public void Groups_share_a_partition_each_for_itself()
    {
        driver.Cluster.GroupConfigs.Set("other", "share.auto.offset.reset", "earliest");
        var (a, b) = (Sharer("a"), new TestSharer(driver, "a", "other"));
        Produce(2);

        Assert.Equal([(0, 1, 1)], a.Fetch(topic.Id));
        Assert.Equal([(0, 1, 1)], b.Fetch(topic.Id));
    }

    TestSharer Sharer(string id, int leader = 1) => new(driver, id, leader: leader);

    int Producer(int leader) => driver.Connect(leader);

    void Produce(int count, int leader = 1) =>
        Assert.Equal(ErrorCode.None, driver.Produce(Producer(leader), Topic, driver.Batch([.. Enumerable.Range(0, count).Select(static i => $"v{i}")])).ErrorCode);

    void Move(int node) => driver.Machine.Operate(driver.NowMs, cluster => cluster.MoveLeader(Topic, 0, node, driver.NowMs));
}
