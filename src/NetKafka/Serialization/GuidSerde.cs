using System.Buffers;
using System.Buffers.Text;

namespace NetKafka.Serialization;

sealed class GuidSerde(bool isBinary) : ISerde<Guid>
{
    const int BinaryBytes = 16;
    const int TextBytes = 36;

    public bool IsNull(Guid value) => false;

    public void Serialize(Guid value, IBufferWriter<byte> destination)
    {
        int written;
        if (isBinary)
            value.TryWriteBytes(destination.GetSpan(BinaryBytes), bigEndian: true, out written);
        else
            Utf8Formatter.TryFormat(value, destination.GetSpan(TextBytes), out written);
        destination.Advance(written);
    }

    public Guid Deserialize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == BinaryBytes)
            return new Guid(bytes, bigEndian: true);
        return bytes.Length == TextBytes && Utf8Parser.TryParse(bytes, out Guid value, out var used) && used == TextBytes
            ? value
            : throw new KafkaSerializationException(
                $"A UUID has 36 characters in the form 8-4-4-4-12, or 16 bytes; the record holds {bytes.Length} bytes that are neither.");
    }
}
