using System.Globalization;
using System.Text;
using NetKafka.Protocol.Compression;

namespace NetKafka.Load.Rows;

/// <summary>
/// The values that are written and read. Without compression it is one constant value; for the codecs there are many that
/// look like an application's, since one value over and over would compress to nothing.
/// </summary>
static class Payloads
{
    const int Variety = 1024;

    public static byte[][] For(int valueBytes, CompressionCodec codec)
    {
        if (codec != CompressionCodec.None)
            return [.. Enumerable.Range(0, Variety).Select(i => Document(i, valueBytes))];
        var value = new byte[valueBytes];
        for (var i = 0; i < value.Length; i++)
            value[i] = (byte)('a' + (i % 26));
        return [value];
    }

    /// <summary>JSON whose words repeat and whose numbers do not; the same for the same number, in every process.</summary>
    static byte[] Document(int seed, int valueBytes)
    {
        string[] names = ["Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi"];
        string[] states = ["paid", "pending", "refused", "returned"];
        var text = new StringBuilder(valueBytes + 100);
        var number = (uint)seed;
        while (text.Length < valueBytes)
        {
            number = (number * 1664525) + 1013904223;
            text.Append(CultureInfo.InvariantCulture,
                $"{{\"id\":{number},\"from\":\"{names[number >> 29]}\",\"state\":\"{states[number >> 14 & 3]}\",\"cents\":{number >> 12}}}");
        }
        return Encoding.ASCII.GetBytes(text.ToString(0, valueBytes));
    }
}
