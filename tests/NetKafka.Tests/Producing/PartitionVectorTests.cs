using System.IO.Compression;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol.Records;

namespace NetKafka.Tests.Producing;

/// <summary>
/// 10,000 keys over 31 partitions go where Confluent.Kafka 2.16 has put them: key 0 is null, key 1 is empty, and the others have 1 to 40
/// bytes. A dash stands where that client chooses by lot.
/// </summary>
public sealed class PartitionVectorTests
{
    const int Count = 10_000;
    const int Partitions = 31;
    const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    [Theory]
    [InlineData("consistent", Partitioner.Crc32, true)]
    [InlineData("consistent_random", Partitioner.Crc32, false)]
    [InlineData("murmur2", Partitioner.Murmur2, true)]
    [InlineData("murmur2_random", Partitioner.Murmur2, false)]
    [InlineData("fnv1a", Partitioner.Fnv1a, true)]
    [InlineData("fnv1a_random", Partitioner.Fnv1a, false)]
    public void Keys_go_where_Confluent_puts_them(string name, Partitioner partitioner, bool hashesMissing)
    {
        var vectors = Lines().Single(line => line.StartsWith(name + ' ', StringComparison.Ordinal))[(name.Length + 1)..];
        Assert.Equal(Count, vectors.Length);
        var bench = new ProducerBench().WithTopic("t", Partitions);
        var choice = new PartitionChoice(new ProducerOptions { Partitioner = partitioner, HashMissingKeys = hashesMissing });
        for (var number = 0; number < Count; number++)
        {
            var key = Key(number);
            var record = new RecordData("t", -1, 0, key, key is null, default, true, ReadOnlyMemory<Header>.Empty);
            var partition = choice.Of(record, bench.Accumulator.GetTopic("t").Partitions!, 0);
            Assert.True(vectors[number] == (partition == PartitionChoice.Spread ? '-' : Digits[partition]), $"key {number} went to {partition}, there to '{vectors[number]}'");
        }
    }

    static IEnumerable<string> Lines()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "partitions.txt.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    static byte[]? Key(int number)
    {
        if (number == 0)
            return null;
        var key = new byte[number == 1 ? 0 : 1 + number % 40];
        var state = unchecked((uint)number * 2654435761);
        for (var i = 0; i < key.Length; i++)
        {
            state = unchecked(state * 1664525 + 1013904223);
            key[i] = (byte)(state >> 24);
        }
        return key;
    }
}
