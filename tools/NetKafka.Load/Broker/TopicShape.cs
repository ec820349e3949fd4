using System.Globalization;
using NetKafka.Protocol.Compression;

namespace NetKafka.Load.Broker;

/// <summary>
/// What a topic's name says of it, so that one broker serves every row: <c>load-b1024-p6-lz4</c> has values of 1,024 bytes,
/// six partitions, and batches compressed with lz4. What the name leaves out is as the broker's options say.
/// </summary>
readonly record struct TopicShape(int ValueBytes, int Partitions, CompressionCodec Codec)
{
    public static string NameOf(int valueBytes, int partitions, CompressionCodec codec) =>
        string.Create(CultureInfo.InvariantCulture, $"load-b{valueBytes}-p{partitions}")
        + (codec == CompressionCodec.None ? "" : "-" + codec.ToString().ToLowerInvariant());

    public static TopicShape Parse(string name, BrokerOptions options)
    {
        var shape = new TopicShape(options.ValueBytes, options.Partitions, CompressionCodec.None);
        foreach (var part in name.Split('-'))
        {
            if (part.Length > 1 && int.TryParse(part.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                if (part[0] == 'b')
                    shape = shape with { ValueBytes = number };
                else if (part[0] == 'p')
                    shape = shape with { Partitions = number };
            }
            else if (part.Length > 2 && Enum.TryParse<CompressionCodec>(part, ignoreCase: true, out var codec))
                shape = shape with { Codec = codec };
        }
        return shape;
    }
}
