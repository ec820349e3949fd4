using System.Buffers.Binary;
using System.Buffers.Text;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>Ids that members of the consumer protocol give themselves, once in their life.</summary>
static class MemberIds
{
    const int Bytes = 16;

    /// <returns>A random id as Kafka writes one: 16 bytes, a UUID of version 4, in base 64 for addresses.</returns>
    public static string Draw(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, random.NextUInt64());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], random.NextUInt64());
        // No id begins with a hyphen, which a tool would take for an option.
        bytes[0] &= 0x7f;
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return Base64Url.EncodeToString(bytes);
    }
}
