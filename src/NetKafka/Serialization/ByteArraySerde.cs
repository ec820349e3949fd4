using System.Buffers;
using NetKafka.Protocol;

namespace NetKafka.Serialization;

/// <summary>Known to the producer, which takes the bytes directly.</summary>
sealed class ByteArraySerde : ISerde<byte[]>
{
    public void Serialize(byte[] value, IBufferWriter<byte> destination) => destination.Write(value);

    public byte[] Deserialize(ReadOnlySpan<byte> bytes) => bytes.ToArrayInPieces();
}
