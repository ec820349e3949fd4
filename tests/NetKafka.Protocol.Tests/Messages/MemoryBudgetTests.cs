using NetKafka.Protocol.Messages;

namespace NetKafka.Protocol.Tests.Messages;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void Array_count_beyond_the_bytes_left_is_refused_before_allocating()
    {
        var writer = new KafkaWriter();
        writer.WriteInt32(int.MaxValue);
        writer.WriteRaw(new byte[100]);
        byte[] frame = writer.WrittenSpan.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        MalformedMessageException malformed =
            Assert.Throws<MalformedMessageException>(() => ResponseFrame.ReadBody<MetadataRequest>(frame, 1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Equal(4, malformed.Position);
    }

    [Fact]
    public void Flood_of_smallest_structures_is_refused_before_it_outgrows_the_budget()
    {
        // Two bytes each in the frame, an object each in memory.
        const int Count = 1_000_000;
        var writer = new KafkaWriter();
        writer.WriteUnsignedVarint(Count + 1);
        for (int i = 0; i < Count; i++)
        {
            writer.WriteUnsignedVarint(1);
            writer.WriteUnsignedVarint(0);
        }
        writer.WriteUnsignedVarint(0);
        MessageCodec codec = MessageCodec.ByName["DescribeUserScramCredentialsRequest"];
        HostileFrame.AssertMalformed(codec, 0, writer.WrittenSpan.ToArray());
    }

    [Fact]
    public void Flood_of_short_strings_is_refused_before_it_outgrows_the_budget()
    {
        const int Count = 1_000_000;
        var writer = new KafkaWriter();
        writer.WriteUnsignedVarint(Count + 1);
        for (int i = 0; i < Count; i++)
        {
            writer.WriteCompactString("a", "StatesFilter");
        }
        writer.WriteUnsignedVarint(0);
        HostileFrame.AssertMalformed(MessageCodec.ByName["ListGroupsRequest"], 4, writer.WrittenSpan.ToArray());
    }

    [Fact]
    public void Flood_of_topics_in_metadata_costs_no_more_than_the_budget()
    {
        var flood = new MetadataResponse
        {
            Topics = [.. Enumerable.Repeat(new MetadataResponse.MetadataResponseTopic { Name = "" }, 200_000)],
        };
        var writer = new KafkaWriter();
        flood.Write(writer, 12);
        Assert.Null(HostileFrame.Judge(MessageCodec.ByName["MetadataResponse"], 12, writer.WrittenSpan.ToArray()));
    }

    [Fact]
    public void Smaller_budget_is_kept()
    {
        var writer = new KafkaWriter();
        writer.WriteBytes(new byte[10_000], "Bytes");
        ReadOnlyMemory<byte> frame = writer.WrittenMemory;
        Assert.Equal(10_000, new KafkaReader(frame, "Data", 0, budgetBytes: 11_000).ReadBytes().Length);
        Assert.Throws<MalformedMessageException>(() => new KafkaReader(frame, "Data", 0, budgetBytes: 9_000).ReadBytes());
    }

    [Fact]
    public void Records_are_slices_of_the_frame_and_cost_nothing()
    {
        var response = new FetchResponse
        {
            Responses = [new() { Partitions = [new() { Records = new byte[1000] }] }],
        };
        var writer = new KafkaWriter();
        response.Write(writer, 16);
        byte[] frame = writer.WrittenSpan.ToArray();
        ReadOnlyMemory<byte> records =
            ResponseFrame.ReadBody<FetchResponse>(frame, 16).Responses[0].Partitions[0].Records!.Value;
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(records, out ArraySegment<byte> segment));
        Assert.Same(frame, segment.Array);
    }
}
