using System.ComponentModel;
using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>Where reading begins, and where it goes on when the log does not hold the position.</summary>
public sealed class ResetTests
{
    static ConsumerHarness Assigned(AutoOffsetReset begin, AutoOffsetReset? outOfRange = null, long offset = -1)
    {
        var it = new ConsumerHarness(
            options => (options.GroupId, options.AutoOffsetReset, options.OutOfRangeReset) = (null, begin, outOfRange), isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), offset)], call));
        return it;
    }

    static long TimestampAsked(SentRequest request) => request.Read<ListOffsetsRequest>().Topics[0].Partitions[0].Timestamp;

    static ListOffsetsResponse Listed(long offset, ErrorCode error = ErrorCode.None) =>
        new() { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = offset, ErrorCode = error, LeaderEpoch = 5 }] }] };

    static long Position(ConsumerHarness it) => it.Queue.PositionOf(it.Assignment.Snapshot[0]).Offset;

    [Fact]
    public void Reading_begins_so_long_before_now_as_is_said()
    {
        var it = Assigned(AutoOffsetReset.ByDuration(TimeSpan.FromMinutes(1)));
        Assert.Equal(it.UnixMilliseconds - 60_000, TimestampAsked(it.Take(ApiKey.ListOffsets)));
    }

    [Fact]
    public void Duration_longer_than_time_since_1970_begins_there() =>
        Assert.Equal(0, TimestampAsked(Assigned(AutoOffsetReset.ByDuration(TimeSpan.FromDays(36500))).Take(ApiKey.ListOffsets)));

    [Fact]
    public void Reading_begins_at_the_time_that_is_said()
    {
        var it = Assigned(AutoOffsetReset.ByTime(DateTimeOffset.FromUnixTimeMilliseconds(1234)));
        var lookup = it.Take(ApiKey.ListOffsets);
        Assert.Equal(1234, TimestampAsked(lookup));
        it.Answer(lookup, Listed(77));
        Assert.Equal(77, Position(it));
    }

    [Fact]
    public void Place_to_go_on_is_a_rule_of_its_own()
    {
        var it = Assigned(AutoOffsetReset.Latest, AutoOffsetReset.Earliest, offset: 77);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        Assert.Equal(-2, TimestampAsked(it.Take(ApiKey.ListOffsets)));
    }

    [Fact]
    public void Place_to_go_on_is_where_reading_begins_unless_it_is_said()
    {
        var it = Assigned(AutoOffsetReset.Latest, offset: 77);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        Assert.Equal(-1, TimestampAsked(it.Take(ApiKey.ListOffsets)));
    }

    [Fact]
    public void Offset_out_of_range_without_a_rule_is_an_error_that_names_it()
    {
        var it = Assigned(AutoOffsetReset.Earliest, AutoOffsetReset.None, offset: 77);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        var error = Assert.Throws<KafkaPositionException>(() => it.Reader.TryNext(out _));
        Assert.Equal((77L, P(0)), (error.Offset, error.Partition));
        Assert.Contains(nameof(ConsumerOptions.OutOfRangeReset), error.Message, StringComparison.Ordinal);

        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 5), call, effects));
        Assert.Equal(1, it.Count(ApiKey.Fetch));
    }

    [Fact]
    public void Missing_offset_without_a_rule_is_an_error_that_names_none()
    {
        var it = Assigned(AutoOffsetReset.None, AutoOffsetReset.Earliest);
        var error = Assert.Throws<KafkaPositionException>(() => it.Reader.TryNext(out _));
        Assert.Equal((-1L, P(0)), (error.Offset, error.Partition));
    }

    /// <summary>A record that is written after the first question and before the second is younger than what is sought.</summary>
    [Theory]
    [InlineData(98, 98)]
    [InlineData(-1, 99)]
    public void Record_written_while_the_end_is_asked_for_is_not_missed(long foundThen, long position)
    {
        var it = Assigned(AutoOffsetReset.ByTime(DateTimeOffset.FromUnixTimeMilliseconds(1234)));
        it.Answer(it.Take(ApiKey.ListOffsets), Listed(-1));
        var end = it.Take(ApiKey.ListOffsets);
        Assert.Equal(-1, TimestampAsked(end));
        it.Answer(end, Listed(99));
        var again = it.Take(ApiKey.ListOffsets);
        Assert.Equal(1234, TimestampAsked(again));
        it.Answer(again, Listed(foundThen));
        Assert.Equal(position, Position(it));
    }

    [Fact]
    public void Leader_that_finds_nothing_by_time_is_asked_for_the_end_once()
    {
        var it = Assigned(AutoOffsetReset.ByTime(DateTimeOffset.FromUnixTimeMilliseconds(1234)));
        it.Answer(it.Take(ApiKey.ListOffsets), Listed(-1, ErrorCode.UnsupportedForMessageFormat));
        it.Answer(it.Take(ApiKey.ListOffsets), Listed(99));
        Assert.Equal(99, Position(it));
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("earliest")]
    [InlineData("none")]
    [InlineData("by_duration:PT1H")]
    [InlineData("by_duration:P1DT0.5S")]
    [InlineData("by_time:2026-01-31T12:00:00.25Z")]
    public void Words_of_a_rule_are_read_as_they_are_written(string words)
    {
        var rule = AutoOffsetReset.Parse(words.ToUpperInvariant());
        Assert.Equal(words, rule.ToString());
        Assert.Equal(rule, TypeDescriptor.GetConverter(typeof(AutoOffsetReset)).ConvertFromInvariantString(words));
    }

    [Theory]
    [InlineData("")]
    [InlineData("oldest")]
    [InlineData("by_duration")]
    [InlineData("by_duration:1h")]
    [InlineData("by_duration:-PT1H")]
    [InlineData("by_time:noon")]
    public void Words_that_are_no_rule_are_refused(string words)
    {
        Assert.False(AutoOffsetReset.TryParse(words, null, out _));
        Assert.Throws<FormatException>(() => AutoOffsetReset.Parse(words));
    }

    [Fact]
    public void Negative_duration_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => AutoOffsetReset.ByDuration(TimeSpan.FromMilliseconds(-1)));
}
