using System.Collections.Concurrent;
using NetKafka.Load.Broker;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;

namespace NetKafka.Load.Tests;

public sealed class FetchSessionTests
{
    const string Topic = "t-b100-p4";
    const short Version = 12;

    readonly FetchSessions _sessions = new(most: 2);
    readonly FetchAnswers _answers;

    public FetchSessionTests()
    {
        var options = new BrokerOptions { BatchBytes = 1000, SetBytes = 1000 };
        _answers = new FetchAnswers(
            new Topics(options), new BrokerCounts(), options, new ConcurrentDictionary<TopicShape, RecordSet>(), _sessions);
    }

    [Fact]
    public void Empty_request_reads_what_the_session_holds()
    {
        var id = Open(0, 1);

        var answer = Ask(new FetchRequest { SessionId = id, SessionEpoch = 1 });

        Assert.Equal((ErrorCode.None, id), (answer.ErrorCode, answer.SessionId));
        Assert.Equal([0, 1], Indexes(answer));
        Assert.All(Parts(answer), part => Assert.True(part.Records!.Value.Length > 0));
    }

    [Fact]
    public void Partition_that_changed_is_read_from_its_new_offset()
    {
        var id = Open(0, 1);

        var answer = Ask(new FetchRequest { SessionId = id, SessionEpoch = 1, Topics = Wanted((1, 77)) });

        Assert.Equal([(0, 0), (1, 77)], Parts(answer).Select(part => (part.PartitionIndex, FirstOffset(part))));
    }

    [Fact]
    public void Partition_that_was_forgotten_is_not_read_and_one_that_was_added_is()
    {
        var id = Open(0, 1);

        var answer = Ask(new FetchRequest
        {
            SessionId = id,
            SessionEpoch = 1,
            Topics = Wanted((3, 0)),
            ForgottenTopicsData = [new() { Topic = Topic, Partitions = [0] }],
        });

        Assert.Equal([1, 3], Indexes(answer));
    }

    [Fact]
    public void Partition_without_news_is_left_out_of_an_incremental_answer_alone()
    {
        var request = new FetchRequest { SessionEpoch = 0, Topics = Wanted((0, 0), (1, 0)), MaxBytes = 1 };

        var full = Ask(request);
        var incremental = Ask(new FetchRequest { SessionId = full.SessionId, SessionEpoch = 1, MaxBytes = 1 });

        Assert.Equal([0, 1], Indexes(full));
        Assert.Equal([1], Indexes(incremental));
    }

    [Fact]
    public void Partition_that_was_added_is_named_even_where_there_is_no_room_for_its_records()
    {
        var id = Open(0);

        var answer = Ask(new FetchRequest { SessionId = id, SessionEpoch = 1, Topics = Wanted((1, 0)), MaxBytes = 1 });

        Assert.Equal([(0, true), (1, false)], Parts(answer).Select(part => (part.PartitionIndex, part.Records!.Value.Length > 0)));
    }

    [Fact]
    public void Every_partition_has_its_turn_where_an_answer_has_room_for_one()
    {
        var first = Ask(new FetchRequest { SessionEpoch = 0, Topics = Wanted((0, 0), (1, 0), (2, 0)), MaxBytes = 1 });
        var seen = new List<int>();

        for (var epoch = 1; epoch <= 6; epoch++)
            seen.AddRange(Indexes(Ask(new FetchRequest { SessionId = first.SessionId, SessionEpoch = epoch, MaxBytes = 1 })));

        Assert.Equal([1, 2, 0, 1, 2, 0], seen);
    }

    [Fact]
    public void Session_that_has_no_partition_left_is_closed()
    {
        var id = Open(0);

        var answer = Ask(new FetchRequest
        {
            SessionId = id,
            SessionEpoch = 1,
            ForgottenTopicsData = [new() { Topic = Topic, Partitions = [0] }],
        });

        Assert.Equal((0, 0), (answer.SessionId, _sessions.Count));
    }

    [Fact]
    public void Session_that_is_not_known_is_refused() => Assert.Equal(
        ErrorCode.FetchSessionIdNotFound, Ask(new FetchRequest { SessionId = 99, SessionEpoch = 1 }).ErrorCode);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Epoch_that_is_not_the_next_one_is_refused_and_the_session_kept(int epoch)
    {
        var id = Open(0);
        Ask(new FetchRequest { SessionId = id, SessionEpoch = 1 });

        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, Ask(new FetchRequest { SessionId = id, SessionEpoch = epoch }).ErrorCode);

        Assert.Equal(ErrorCode.None, Ask(new FetchRequest { SessionId = id, SessionEpoch = 2 }).ErrorCode);
    }

    [Theory]
    [InlineData(FetchSessions.FinalEpoch, 0)]
    [InlineData(FetchSessions.FirstEpoch, 1)]
    public void Request_that_ends_a_session_is_answered_in_full(int epoch, int sessionsLeft)
    {
        var id = Open(0);

        var answer = Ask(new FetchRequest { SessionId = id, SessionEpoch = epoch, Topics = Wanted((2, 0)) });

        Assert.Equal([2], Indexes(answer));
        Assert.NotEqual(id, answer.SessionId);
        Assert.Equal(sessionsLeft, _sessions.Count);
    }

    [Fact]
    public void Session_that_was_used_longest_ago_makes_room()
    {
        var (first, second) = (Open(0), Open(0));
        Ask(new FetchRequest { SessionId = first, SessionEpoch = 1 });

        Open(0);

        Assert.Equal(2, _sessions.Count);
        Assert.Equal(ErrorCode.None, Ask(new FetchRequest { SessionId = first, SessionEpoch = 2 }).ErrorCode);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, Ask(new FetchRequest { SessionId = second, SessionEpoch = 1 }).ErrorCode);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Version_that_knows_no_sessions_opens_none(short version)
    {
        var answer = Ask(new FetchRequest { Topics = Wanted((0, 5)) }, version);

        Assert.Equal([(0, 5)], Parts(answer).Select(part => (part.PartitionIndex, FirstOffset(part))));
        Assert.Equal(0, _sessions.Count);
    }

    int Open(params int[] partitions)
    {
        var answer = Ask(new FetchRequest { SessionEpoch = 0, Topics = Wanted([.. partitions.Select(index => (index, 0L))]) });
        Assert.Equal(partitions, Indexes(answer));
        Assert.NotEqual(0, answer.SessionId);
        return answer.SessionId;
    }

    /// <summary>The answer as a client reads it.</summary>
    FetchResponse Ask(FetchRequest request, short version = Version)
    {
        var (output, pieces) = (new KafkaWriter(1024), new List<ArraySegment<byte>>());
        _answers.Answer(request, version, 7, output, pieces);
        byte[] frame = [.. pieces.SelectMany(piece => piece)];
        var reader = new KafkaReader(frame, "FetchResponse", version);
        Assert.Equal(frame.Length - 4, reader.ReadInt32());
        Assert.Equal(7, ResponseFrame.ReadHeader(ref reader, FetchRequest.ResponseHeaderVersion(version)));
        return ResponseFrame.ReadBody<FetchResponse>(frame.AsMemory(version >= 12 ? 9 : 8), version);
    }

    static FetchRequest.FetchTopic[] Wanted(params (int Index, long Offset)[] partitions) =>
    [
        new()
        {
            Topic = Topic,
            Partitions = [.. partitions.Select(wanted => new FetchRequest.FetchPartition
            {
                Partition = wanted.Index,
                FetchOffset = wanted.Offset,
                PartitionMaxBytes = 1 << 20,
            })],
        },
    ];

    static IEnumerable<FetchResponse.PartitionData> Parts(FetchResponse answer) => answer.Responses.SelectMany(topic => topic.Partitions);

    static IEnumerable<int> Indexes(FetchResponse answer) => Parts(answer).Select(part => part.PartitionIndex);

    static long FirstOffset(FetchResponse.PartitionData part)
    {
        Assert.True(RecordBatchHeader.TryRead(part.Records!.Value.Span, 0, out var header));
        return header.BaseOffset;
    }
}
