using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Consuming.Groups;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>
/// What the assignors of the Java client 4.3.1 made of a thousand random groups (Vectors/java-assignments.jsonl.gz, a group a line): the
/// assignor, the topics with the racks of each partition's replicas, the members with the subscriptions that Java wrote for them, user data of
/// its sticky assignors among it, and the assignment.
/// </summary>
public sealed class JavaAssignmentTests
{
    [Theory]
    [InlineData("range")]
    [InlineData("roundrobin")]
    public void Assignment_is_Javas(string assignor) => Assert.All(Cases(assignor), java =>
        Assert.Equal(java.Assignment.Select(Text), Assign(java).Select(Text)));

    /// <summary>Java's depends on the order of its hash tables where several are as even, and is not always as even as it could be.</summary>
    [Fact]
    public void Sticky_assignment_is_as_even_as_Javas_and_as_close_to_its_readers()
    {
        var (ours, javas) = (0, 0);
        Assert.All(Cases("sticky"), java =>
        {
            var assignment = Assign(java);
            Assert.True(Unevenness(assignment) <= Unevenness(java.Assignment), $"the loads are {Loads(assignment)}, Java's {Loads(java.Assignment)}");
            ours += CountInOtherRacks(java, assignment);
            javas += CountInOtherRacks(java, java.Assignment);
        });
        Assert.True(ours <= javas, $"{ours} are in other racks than their readers, Java's {javas}");
    }

    /// <summary>Where racks or topics differ, Java moves less at times, and leaves the loads or the racks worse for it.</summary>
    [Theory]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    public void Sticky_assignment_moves_no_more_than_Javas_where_all_read_the_same(string assignor) =>
        Assert.All(Cases(assignor).Where(static java => java.ReadsTheSame && !java.HasRacks), java =>
        {
            var assignment = Assign(java);
            Assert.True(CountKept(java, assignment) >= CountKept(java, java.Assignment), $"{CountKept(java, assignment)} stay, Java's {CountKept(java, java.Assignment)}");
            // A rebalance that takes something away gives it to nobody yet.
            Assert.True(CountGiven(assignment) >= CountGiven(java.Assignment), $"{CountGiven(assignment)} are given, Java's {CountGiven(java.Assignment)}");
        });

    static IReadOnlyList<JavaCase> Cases(string assignor)
    {
        List<JavaCase> cases = [.. Read().Where(java => java.Assignor == assignor)];
        Assert.NotEmpty(cases);
        return cases;
    }

    static SortedDictionary<string, string[]> Assign(JavaCase java)
    {
        var assignor = AssignorGroups.Named(java.Assignor);
        var assignment = assignor.Assign(TopicsOf(java), Members(java, assignor));
        var result = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var id in assignment.MemberIds)
            result.Add(id, [.. assignment.PartitionsOf(id).Select(partition => partition.ToString())]);
        return result;
    }

    static List<MemberSubscription> Members(JavaCase java, PartitionAssignor assignor) =>
        [.. java.Members.Select(member => GroupMessages.ReadSubscription(member.Id, member.Instance, Convert.FromHexString(member.Subscription), assignor))];

    static GroupTopics TopicsOf(JavaCase java)
    {
        var named = Members(java, new RangeAssignor()).SelectMany(member => member.Topics).ToHashSet();
        return AssignorGroups.Racked([.. java.Topics.Where(topic => named.Contains(topic.Key)).Select(topic => (topic.Key, topic.Value.Select(racks => string.Join(',', racks)).ToArray()))]);
    }

    static string Text(KeyValuePair<string, string[]> share) => $"{share.Key}: {string.Join(' ', share.Value)}";

    static string Loads(SortedDictionary<string, string[]> assignment) => string.Join(',', assignment.Values.Select(share => share.Length).Order());

    static int Unevenness(SortedDictionary<string, string[]> assignment) => assignment.Values.Sum(share => share.Length * share.Length);

    static int CountGiven(SortedDictionary<string, string[]> assignment) => assignment.Values.Sum(share => share.Length);

    /// <summary>Of what members had by the newest claims: what two had by the same is free, and comes back to one of them by chance.</summary>
    static int CountKept(JavaCase java, SortedDictionary<string, string[]> assignment)
    {
        var members = Members(java, AssignorGroups.Named(java.Assignor));
        return members.Sum(member => assignment[member.MemberId].Select(Partition).Count(partition => member.OwnedPartitions.Contains(partition)
            && members.TrueForAll(other => other == member || other.Generation < member.Generation || !other.OwnedPartitions.Contains(partition))));
    }

    static int CountInOtherRacks(JavaCase java, SortedDictionary<string, string[]> assignment)
    {
        var topics = TopicsOf(java);
        return Members(java, AssignorGroups.Named(java.Assignor))
            .Sum(member => assignment[member.MemberId].Count(partition => member.Rack is { } rack && !topics.RacksOf(Partition(partition)).Contains(rack)));
    }

    static TopicPartition Partition(string text)
    {
        var dash = text.LastIndexOf('-');
        return new TopicPartition(text[..dash], int.Parse(text[(dash + 1)..], CultureInfo.InvariantCulture));
    }

    static IEnumerable<JavaCase> Read()
    {
        using var lines = new StreamReader(new GZipStream(
            File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "java-assignments.jsonl.gz")), CompressionMode.Decompress));
        while (lines.ReadLine() is { } line)
            yield return JsonSerializer.Deserialize<JavaCase>(line, JsonSerializerOptions.Web)!;
    }

    sealed record JavaCase(
        string Assignor, SortedDictionary<string, string[][]> Topics, JavaMember[] Members, SortedDictionary<string, string[]> Assignment)
    {
        public bool HasRacks => Topics.Values.Any(static partitions => Array.Exists(partitions, static racks => racks.Length > 0));

        public bool ReadsTheSame => JavaAssignmentTests.Members(this, new RangeAssignor()).Select(static member => string.Join(' ', member.Topics)).Distinct().Count() == 1;
    }

    sealed record JavaMember(string Id, string? Instance, string Subscription);
}
