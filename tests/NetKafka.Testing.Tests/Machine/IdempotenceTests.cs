using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class IdempotenceTests
{
    const long Producer = 7;
    readonly MachineDriver driver = new();
    readonly int connection;

    public IdempotenceTests()
    {
        driver.CreateTopic("payments");
        connection = driver.Connect();
    }

    PartitionLog Log => driver.Cluster.FindTopic("payments")!.Partitions[0].Log;

    [Fact]
    public void Every_producer_gets_an_id_of_its_own_with_epoch_0()
    {
        var first = driver.Ask(connection, new InitProducerIdRequest { TransactionalId = null }, 4);
        var second = driver.Ask(connection, new InitProducerIdRequest { TransactionalId = null }, 4);

        Assert.NotEqual(first.ProducerId, second.ProducerId);
        Assert.Equal((0, 0), (first.ProducerEpoch, second.ProducerEpoch));
    }

    [Fact]
    public void Each_of_the_last_five_batches_is_answered_again_with_its_first_offset()
    {
        for (var sequence = 0; sequence < 5; sequence++)
            Assert.Equal(sequence, Send(sequence).BaseOffset);

        for (var sequence = 0; sequence < 5; sequence++)
        {
            var repeated = Send(sequence);
            Assert.Equal((ErrorCode.None, sequence), (repeated.ErrorCode, repeated.BaseOffset));
            Assert.Equal(driver.WallClockMs, repeated.LogAppendTimeMs);
        }

        Assert.Equal(5, Log.EndOffset);
    }

    [Fact]
    public void Sixth_batch_back_is_forgotten()
    {
        for (var sequence = 0; sequence < 6; sequence++)
            Send(sequence);

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Send(0).ErrorCode);
        Assert.Equal(1, Send(1).BaseOffset);
    }

    [Fact]
    public void Gap_in_the_sequence_is_refused_and_filled_later()
    {
        Send(0);

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Send(2).ErrorCode);
        Assert.Equal(1, Send(1).BaseOffset);
        Assert.Equal(2, Send(2).BaseOffset);
    }

    [Fact]
    public void Batch_of_other_bounds_is_no_repeat()
    {
        driver.Produce(connection, "payments", driver.Batch(Producer, 0, 0, "a", "b"));

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Send(0).ErrorCode);
    }

    [Fact]
    public void New_epoch_begins_at_sequence_0_and_fences_the_old()
    {
        Send(0);
        Send(1);

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Send(2, epoch: 1).ErrorCode);
        Assert.Equal(2, Send(0, epoch: 1).BaseOffset);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Send(2).ErrorCode);
    }

    [Fact]
    public void Unknown_producer_may_begin_anywhere_on_a_new_broker_and_at_0_on_an_old_one()
    {
        Assert.Equal(ErrorCode.None, Send(41).ErrorCode);
        driver.Cluster.Settings.RejectUnknownProducers = true;

        var refused = driver.Produce(connection, "payments", driver.Batch(Producer + 1, 0, 41, "a"));

        Assert.Equal((ErrorCode.UnknownProducerId, 0), (refused.ErrorCode, refused.LogStartOffset));
    }

    [Fact]
    public void Sequence_wraps_to_0()
    {
        driver.Produce(connection, "payments", driver.Batch(Producer, 0, int.MaxValue - 1, "a", "b", "c"));

        Assert.Equal(3, Send(1).BaseOffset);
        Assert.Equal(0, driver.Produce(connection, "payments", driver.Batch(Producer, 0, int.MaxValue - 1, "a", "b", "c")).BaseOffset);
    }

    [Fact]
    public void Producers_do_not_see_each_other()
    {
        Send(0);

        Assert.Equal(1, driver.Produce(connection, "payments", driver.Batch(Producer + 1, 0, 0, "a")).BaseOffset);
        Assert.Equal(2, Send(1).BaseOffset);
    }

    [Fact]
    public void Producer_id_without_a_sequence_is_refused()
    {
        Assert.Equal(ErrorCode.InvalidRecord, Send(-1).ErrorCode);
    }

    [Fact]
    public void Truncation_forgets_what_was_cut()
    {
        Send(0);
        Send(1);
        Log.TruncateTo(1);

        Assert.Equal(1, Send(1).BaseOffset);
        Assert.Equal(0, Send(0).BaseOffset);
    }

    ProduceResponse.PartitionProduceResponse Send(int sequence, short epoch = 0) =>
        driver.Produce(connection, "payments", driver.Batch(Producer, epoch, sequence, "a"));
}
