using CsCheck;
using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Consuming.Fetching;

/// <summary>The hand-written codec of Fetch says and reads what the generated one does, in every version.</summary>
public sealed class FetchCodecTests
{
    public static TheoryData<short> Versions => [.. Enumerable.Range(4, 15).Select(version => (short)version)];

    static readonly Gen<FetchTarget> Target =
        from topic in Gen.Int[0, 3]
        from partition in Gen.Int[0, 1000]
        from offset in Gen.Long[0, long.MaxValue]
        from epoch in Gen.Int[-1, 100]
        from bytes in Gen.Int[1, int.MaxValue]
        select new FetchTarget(new FetchSlot(new TopicPartition($"topic-{topic}", partition)), null, 0, IdOf(topic), offset, epoch, bytes);

    static Guid IdOf(int topic) => new(topic + 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    [Theory, MemberData(nameof(Versions))]
    public void Request_has_the_bytes_of_the_generated_encoder(short version) =>
        Gen.Select(Target.Array[0, 12], Target.Array[0, 5], Gen.Int[0, 3], Gen.Int).Sample((all, forgotten, sessionEpoch, sessionId) =>
        {
            var plan = new FetchPlan
            {
                MaxWaitMs = 500, MinBytes = 1, MaxBytes = 52428800, Isolation = IsolationLevel.ReadCommitted, SessionId = sessionId, SessionEpoch = sessionEpoch,
                Rack = sessionId % 2 == 0 ? "" : "rack-2",
            };
            plan.All.AddRange(all.OrderBy(target => target.Partition.Topic));
            plan.Changed.AddRange(plan.All.Where((_, i) => i % 2 == 0));
            plan.Forgotten.AddRange(forgotten.OrderBy(target => target.Partition.Topic));

            var written = new KafkaWriter();
            FetchEncoder.Write(written, plan, version);

            var expected = new KafkaWriter();
            Generated(plan, version).Write(expected, version);
            Assert.Equal(expected.WrittenSpan.ToArray(), written.WrittenSpan.ToArray());
        }, iter: 200);

    [Theory, MemberData(nameof(Versions))]
    public void Response_is_read_as_the_generated_decoder_reads_it(short version) =>
        Response.Sample(response =>
        {
            var bytes = new KafkaWriter();
            Fit(response, version).Write(bytes, version);
            var expected = ResponseFrame.ReadBody<FetchResponse>(bytes.WrittenMemory, version);

            var decoder = new FetchDecoder(bytes.WrittenMemory, version);
            Assert.Equal(expected.ThrottleTimeMs, decoder.ThrottleTimeMs);
            Assert.Equal(expected.ErrorCode, decoder.Error);
            Assert.Equal(expected.SessionId, decoder.SessionId);
            foreach (var topic in expected.Responses)
            {
                Assert.True(decoder.NextTopic(out var utf8, out var id));
                Assert.Equal(version >= 13 ? "" : topic.Topic, System.Text.Encoding.UTF8.GetString(utf8));
                Assert.Equal(topic.TopicId, id);
                foreach (var partition in topic.Partitions)
                {
                    Assert.True(decoder.NextPartition(out var row));
                    AssertSame(partition, row);
                }
                Assert.False(decoder.NextPartition(out _));
            }
            Assert.False(decoder.NextTopic(out _, out _));
            var endpoints = new List<BrokerView>();
            decoder.ReadEnd(endpoints);
            Assert.Equal(expected.NodeEndpoints.Select(e => new BrokerView(e.NodeId, e.Host, e.Port, e.Rack)), endpoints);
        }, iter: 200);

    [Theory, MemberData(nameof(Versions))]
    public void Damaged_response_ends_in_the_error_of_damaged_messages(short version) =>
        Gen.Select(Response, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((response, place, value) =>
        {
            var writer = new KafkaWriter();
            Fit(response, version).Write(writer, version);
            var bytes = writer.WrittenSpan.ToArray();
            bytes[place % bytes.Length] ^= value;
            try
            {
                var decoder = new FetchDecoder(bytes.AsMemory(0, bytes.Length - (place % 3)), version);
                while (decoder.NextTopic(out _, out _))
                {
                    while (decoder.NextPartition(out _))
                    {
                    }
                }
                decoder.ReadEnd([]);
            }
            catch (MalformedMessageException error)
            {
                Assert.Equal("FetchResponse", error.MessageName);
            }
        }, iter: 500);

    static void AssertSame(FetchResponse.PartitionData expected, in FetchedRow row)
    {
        Assert.Equal(expected.PartitionIndex, row.Partition);
        Assert.Equal(expected.ErrorCode, row.Error);
        Assert.Equal(expected.HighWatermark, row.HighWatermark);
        Assert.Equal(expected.LastStableOffset, row.LastStableOffset);
        Assert.Equal(expected.LogStartOffset, row.LogStartOffset);
        Assert.Equal(expected.PreferredReadReplica, row.PreferredReplica);
        Assert.Equal(expected.CurrentLeader.LeaderId, row.LeaderId);
        Assert.Equal(expected.CurrentLeader.LeaderEpoch, row.LeaderEpoch);
        Assert.Equal(expected.DivergingEpoch.Epoch, row.DivergingEpoch);
        Assert.Equal(expected.DivergingEpoch.EndOffset, row.DivergingEndOffset);
        Assert.Equal(expected.Records is null, row.AreRecordsNull);
        Assert.Equal(expected.Records.GetValueOrDefault().ToArray(), row.Records.ToArray());
        Assert.Equal((expected.AbortedTransactions ?? []).Select(t => new AbortedTransaction(t.ProducerId, t.FirstOffset)), row.Aborted ?? []);
    }

    /// <summary>Takes out what a version cannot say.</summary>
    static FetchResponse Fit(FetchResponse response, short version)
    {
        if (version < 7)
            response.SessionId = 0;
        if (version < 16)
            response.NodeEndpoints = [];
        foreach (var partition in response.Responses.SelectMany(topic => topic.Partitions))
        {
            if (version < 11)
                partition.PreferredReadReplica = -1;
            if (version >= 12)
                continue;
            partition.CurrentLeader = new();
            partition.DivergingEpoch = new();
        }
        return response;
    }

    static FetchRequest Generated(FetchPlan plan, short version)
    {
        var isIncremental = version >= 7 && plan.SessionEpoch > 0;
        return new FetchRequest
        {
            MaxWaitMs = plan.MaxWaitMs, MinBytes = plan.MinBytes, MaxBytes = plan.MaxBytes, IsolationLevel = 1,
            SessionId = plan.SessionId, SessionEpoch = plan.SessionEpoch, RackId = version >= 11 ? plan.Rack : "",
            Topics = [.. (isIncremental ? plan.Changed : plan.All).GroupBy(t => t.Partition.Topic).Select(topic => new FetchRequest.FetchTopic
            {
                Topic = topic.Key, TopicId = topic.First().TopicId,
                Partitions = [.. topic.Select(t => new FetchRequest.FetchPartition
                {
                    Partition = t.Partition.Partition, CurrentLeaderEpoch = t.LeaderEpoch, FetchOffset = t.Offset, PartitionMaxBytes = t.MaxBytes,
                })],
            })],
            ForgottenTopicsData = version < 7 ? [] : [.. plan.Forgotten.GroupBy(t => t.Partition.Topic).Select(topic => new FetchRequest.ForgottenTopic
            {
                Topic = topic.Key, TopicId = topic.First().TopicId, Partitions = [.. topic.Select(t => t.Partition.Partition)],
            })],
        };
    }

    static readonly Gen<FetchResponse.PartitionData> Partition =
        from index in Gen.Int[0, 100]
        from error in Gen.Int[0, 150].Select(code => (ErrorCode)code)
        from offsets in Gen.Long.Array[3]
        from aborted in Gen.Select(Gen.Long, Gen.Long).Array[0, 3]
        from leader in Gen.Int[-1, 3].Array[4]
        from records in Gen.Byte.Array[0, 40]
        from isNull in Gen.Bool
        select new FetchResponse.PartitionData
        {
            PartitionIndex = index, ErrorCode = error, HighWatermark = offsets[0], LastStableOffset = offsets[1], LogStartOffset = offsets[2],
            AbortedTransactions = isNull ? null : [.. aborted.Select(t => new FetchResponse.AbortedTransaction { ProducerId = t.Item1, FirstOffset = t.Item2 })],
            PreferredReadReplica = leader[0],
            CurrentLeader = new() { LeaderId = leader[1], LeaderEpoch = leader[2] },
            DivergingEpoch = new() { Epoch = leader[3], EndOffset = leader[0] },
            Records = isNull ? null : records,
        };

    static readonly Gen<FetchResponse> Response =
        from head in Gen.Int[0, 1000].Array[2]
        from topics in Partition.Array[0, 4].Array[0, 3]
        from endpoints in Gen.Int[0, 100].Array[0, 2]
        select new FetchResponse
        {
            ThrottleTimeMs = head[0], SessionId = head[1],
            Responses = [.. topics.Select((partitions, i) => new FetchResponse.FetchableTopicResponse
            {
                Topic = $"topic-{i}", TopicId = IdOf(i), Partitions = partitions,
            })],
            NodeEndpoints = [.. endpoints.Select(id => new FetchResponse.NodeEndpoint { NodeId = id, Host = $"host-{id}", Port = 9092 + id, Rack = id % 2 == 0 ? null : "r" })],
        };
}
