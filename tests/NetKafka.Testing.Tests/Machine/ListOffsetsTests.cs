using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class ListOffsetsTests
{
    readonly MachineDriver driver = new();
    readonly int connection;

    public ListOffsetsTests()
    {
        driver.CreateTopic("payments", configs: ("message.timestamp.after.max.ms", "9223372036854775807"));
        connection = driver.Connect();
        foreach (var timestamp in (long[])[1_000, 3_000, 2_000])
            driver.Produce(connection, "payments", Batches.Create(["a", "b"], timestamp));
    }

    [Theory]
    [InlineData(-1, -1, 6)]
    [InlineData(-2, -1, 0)]
    [InlineData(-3, 3_000, 2)]
    [InlineData(-4, -1, 0)]
    [InlineData(-5, -1, -1)]
    [InlineData(0, 1_000, 0)]
    [InlineData(1_000, 1_000, 0)]
    [InlineData(1_001, 3_000, 2)]
    [InlineData(3_001, -1, -1)]
    public void Time_is_answered_with_the_first_record_at_or_after_it(long asked, long timestamp, long offset)
    {
        var found = Ask(asked);

        Assert.Equal((ErrorCode.None, timestamp, offset), (found.ErrorCode, found.Timestamp, found.Offset));
    }

    [Theory]
    [InlineData(-3, 6)]
    [InlineData(-4, 7)]
    [InlineData(-5, 8)]
    public void Special_time_is_unsupported_before_its_version(long asked, short version)
    {
        Assert.Equal(ErrorCode.UnsupportedVersion, Ask(asked, version).ErrorCode);
    }

    [Fact]
    public void Start_of_the_log_bounds_what_is_found()
    {
        driver.Cluster.FindTopic("payments")!.Partitions[0].Log.MoveStart(3);

        Assert.Equal(3, Ask(-2).Offset);
        Assert.Equal(3, Ask(0).Offset);
    }

    [Fact]
    public void Committed_end_is_the_stable_offset()
    {
        driver.Machine.Settings.VerifiesTransactions = false;
        driver.Produce(connection, "payments", Batches.Create(["open"], 5_000, 9, 0, 0, transactional: true));

        Assert.Equal(7, Ask(-1).Offset);
        Assert.Equal(6, Ask(-1, isolation: 1).Offset);
        Assert.Equal(-1, Ask(4_000, isolation: 1).Offset);
    }

    ListOffsetsResponse.ListOffsetsPartitionResponse Ask(long timestamp, short version = 9, sbyte isolation = 0) =>
        driver.Ask(
            connection,
            new ListOffsetsRequest
            {
                ReplicaId = -1,
                IsolationLevel = isolation,
                Topics = [new() { Name = "payments", Partitions = [new() { Timestamp = timestamp }] }],
            },
            version).Topics[0].Partitions[0];
}
