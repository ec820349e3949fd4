using System.Buffers;
using System.Buffers.Binary;

namespace NetKafka.Serialization;

sealed class DoubleSerde : ISerde<double>
{
    public bool IsNull(double value) => false;

    public void Serialize(double value, IBufferWriter<byte> destination)
    {
        BinaryPrimitives.WriteDoubleBigEndian(destination.GetSpan(sizeof(double)), value);
        destination.Advance(sizeof(double));
    }

    public double Deserialize(ReadOnlySpan<byte> bytes) => bytes.Length == sizeof(double)
        ? BinaryPrimitives.ReadDoubleBigEndian(bytes)
        : throw new KafkaSerializationException($"A double has {sizeof(double)} bytes, big-endian; the record holds {bytes.Length}.");
}
