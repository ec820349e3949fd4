using CsCheck;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class RecordBatchPatchTests
{
    [Fact]
    public void Patched_fields_are_read_back_and_the_checksum_stays_right() =>
        Gen.Select(RecordGen.Records, Gen.Long, Gen.Short, Gen.Int, Gen.Bool, Gen.Long).Sample(
            (records, producerId, epoch, sequence, isTransactional, timestampMs) =>
            {
                byte[] batch = Batch(records);
                RecordBatchPatch.SetProducer(batch, producerId, epoch, sequence, isTransactional);
                RecordBatchHeader header = Read(batch);
                Assert.Equal((producerId, epoch, sequence), (header.ProducerId, header.ProducerEpoch, header.BaseSequence));
                Assert.Equal(isTransactional, header.IsTransactional);
                Assert.True(header.IsCrcValid(batch));

                RecordBatchPatch.SetProducer(batch, -1, -1, -1);
                Assert.Equal(Batch(records), batch);

                RecordBatchPatch.SetLogAppendTime(batch, timestampMs);
                header = Read(batch);
                Assert.True(header.IsCrcValid(batch));
                foreach (RecordView record in RecordBatchReader.Records(header, batch.AsSpan(RecordBatchWriter.HeaderSize)))
                    Assert.Equal(timestampMs, record.TimestampMs);
            });

    [Fact]
    public void Offset_and_leader_epoch_lie_outside_the_checksum()
    {
        byte[] batch = Batch([new TestRecord(5, null, [1], [], 0)]);
        uint crc = Read(batch).Crc;
        RecordBatchPatch.SetBaseOffset(batch, 77);
        RecordBatchPatch.SetPartitionLeaderEpoch(batch, 8);
        RecordBatchHeader header = Read(batch);
        Assert.Equal((77L, 8, crc), (header.BaseOffset, header.PartitionLeaderEpoch, header.Crc));
        Assert.True(header.IsCrcValid(batch));
    }

    [Fact]
    public void Wrong_checksum_stays_wrong_whatever_is_patched()
    {
        byte[] batch = Batch([new TestRecord(5, null, [1, 2, 3], [], 0)]);
        batch[^2] ^= 0x40;
        RecordBatchPatch.SetProducer(batch, 1, 2, 3);
        RecordBatchPatch.SetLogAppendTime(batch, 9);
        RecordBatchHeader header = Read(batch);
        Assert.False(header.IsCrcValid(batch));
        var error = Assert.Throws<InvalidRecordBatchException>(() => header.CheckCrc(batch));
        Assert.Equal(InvalidRecordBatchReason.CrcMismatch, error.Reason);
    }

    static byte[] Batch(TestRecord[] records)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[300_000], 0, 300_000);
        foreach (TestRecord record in records) Assert.True(record.Append(writer));
        return [.. writer.Seal()];
    }

    static RecordBatchHeader Read(byte[] batch)
    {
        Assert.True(RecordBatchHeader.TryRead(batch, 0, out RecordBatchHeader header));
        return header;
    }
}
