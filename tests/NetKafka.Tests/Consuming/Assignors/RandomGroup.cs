using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>
/// A small group as peers may describe it, drawn from a seed: any topics, also unknown ones, and any claims, also of what does not exist, of
/// any generation and of several members. Half of the groups read all the same; half name racks.
/// </summary>
sealed class RandomGroup
{
    static readonly string[] Names = ["a", "b", "c", "d"];
    static readonly string[] MemberIds = ["m0", "m1", "m2", "m3", "m4", "m5"];
    static readonly string[] InstanceIds = ["s0", "s1", "s2", "s3", "s4", "s5"];
    static readonly string[] Racks = ["r0", "r1", "r2"];
    static readonly string[][] RackSets = [[], ["r0"], ["r1"], ["r0", "r1"], ["r2"], ["r0", "r2"], ["r1", "r2"], ["r0", "r1", "r2"]];

    public RandomGroup(ulong seed)
    {
        var random = new RandomSource(seed);
        ReadsTheSame = random.Next(2) == 0;
        HasRacks = random.Next(2) == 0;
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var racks = new SortedDictionary<string, ReplicaRacks[]>(StringComparer.Ordinal);
        var same = 1 + random.Next(6);
        foreach (var name in Names.AsSpan(0, 1 + random.Next(3)))
        {
            var count = random.Next(2) == 0 ? same : random.Next(7);
            if (count == 0)
                continue;
            counts.Add(name, count);
            var sets = new ReplicaRacks[count];
            for (var i = 0; i < count; i++)
                sets[i] = new ReplicaRacks(HasRacks ? RackSets[random.Next(RackSets.Length)] : [], true);
            racks.Add(name, sets);
        }
        Topics = new GroupTopics(counts, racks);
        Members = new MemberSubscription[1 + random.Next(MemberIds.Length)];
        var topics = Draw(random);
        for (var i = 0; i < Members.Length; i++)
        {
            Members[i] = new MemberSubscription(
                MemberIds[i], random.Next(3) == 0 ? InstanceIds[random.Next(InstanceIds.Length)] : null, ReadsTheSame ? topics : Draw(random),
                DrawClaims(random), random.Next(5) - 1)
            {
                Rack = HasRacks && random.Next(4) > 0 ? Racks[random.Next(Racks.Length)] : null,
            };
        }
    }

    public GroupTopics Topics { get; }

    public MemberSubscription[] Members { get; }

    public bool ReadsTheSame { get; }

    public bool HasRacks { get; }

    static string[] Draw(RandomSource random)
    {
        var mask = random.Next(1 << Names.Length);
        return Array.FindAll(Names, name => (mask >> (name[0] - 'a') & 1) != 0);
    }

    static TopicPartition[] DrawClaims(RandomSource random)
    {
        if (random.Next(2) == 0)
            return [];
        var claims = new TopicPartition[random.Next(8)];
        for (var i = 0; i < claims.Length; i++)
            claims[i] = new TopicPartition(Names[random.Next(Names.Length)], random.Next(8) - 1);
        return claims;
    }
}
