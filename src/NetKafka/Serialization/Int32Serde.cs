using System.Buffers;
using System.Buffers.Binary;

namespace NetKafka.Serialization;

sealed class Int32Serde : ISerde<int>
{
    public bool IsNull(int value) => false;

    public void Serialize(int value, IBufferWriter<byte> destination)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination.GetSpan(sizeof(int)), value);
        destination.Advance(sizeof(int));
    }

    public int Deserialize(ReadOnlySpan<byte> bytes) => bytes.Length == sizeof(int)
        ? BinaryPrimitives.ReadInt32BigEndian(bytes)
        : throw new KafkaSerializationException($"A int has {sizeof(int)} bytes, big-endian; the record holds {bytes.Length}.");
}
