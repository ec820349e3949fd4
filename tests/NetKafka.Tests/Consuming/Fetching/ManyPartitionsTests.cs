using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming.Fetching;

/// <summary>What fetching from a thousand partitions costs beside one, counted in operations and not in time.</summary>
public sealed class ManyPartitionsTests
{
    const int Rounds = 300;

    /// <summary>Three records come at a time, for one partition after the other.</summary>
    [Fact]
    public void Thousand_partitions_take_as_many_fetches_as_one_and_each_names_only_what_moved()
    {
        var one = Count(1);
        var thousand = Count(1000);

        Assert.Equal((one.Records, one.Fetches, one.Named), (thousand.Records, thousand.Fetches, thousand.Named));
        Assert.Equal((3 * Rounds, Rounds, Rounds), (thousand.Records, thousand.Fetches, thousand.Named));
        Assert.Equal(1000, thousand.NamedFirst);
        Assert.Equal(0, thousand.Forgotten);
    }

    static Counts Count(int partitions)
    {
        var it = new ConsumerHarness(isSubscribed: false, partitions: partitions);
        it.Call((call, _) => it.Machine.Assign([.. Enumerable.Range(0, partitions).Select(i => new TopicPartitionOffset(P(i), 0))], call));
        var counts = new Counts();
        var next = new long[partitions];
        var sent = it.Take(ApiKey.Fetch);
        counts.NamedFirst = Named(sent.Read<FetchRequest>());
        for (var round = 0; round < Rounds; round++)
        {
            var partition = round % partitions;
            it.Answer(sent, Fetched(7, (partition, ErrorCode.None, Batch(next[partition], 3))));
            next[partition] += 3;
            counts.Records += it.ReadAll().Count;
            sent = it.Take(ApiKey.Fetch);
            Assert.Equal(0, it.Count(ApiKey.Fetch));
            var fetch = sent.Read<FetchRequest>();
            counts.Fetches++;
            counts.Named += Named(fetch);
            counts.Forgotten += fetch.ForgottenTopicsData.Sum(topic => topic.Partitions.Length);
        }
        return counts;
    }

    static int Named(FetchRequest fetch) => fetch.Topics.Sum(topic => topic.Partitions.Length);

    struct Counts
    {
        public int NamedFirst;
        public int Fetches;
        public int Named;
        public int Forgotten;
        public int Records;
    }
}
