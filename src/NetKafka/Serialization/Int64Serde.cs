using System.Buffers;
using System.Buffers.Binary;

namespace NetKafka.Serialization;

sealed class Int64Serde : ISerde<long>
{
    public bool IsNull(long value) => false;

    public void Serialize(long value, IBufferWriter<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination.GetSpan(sizeof(long)), value);
        destination.Advance(sizeof(long));
    }

    public long Deserialize(ReadOnlySpan<byte> bytes) => bytes.Length == sizeof(long)
        ? BinaryPrimitives.ReadInt64BigEndian(bytes)
        : throw new KafkaSerializationException($"A long has {sizeof(long)} bytes, big-endian; the record holds {bytes.Length}.");
}
