using System.Buffers;
using NetKafka.Protocol;

namespace NetKafka.Serialization;

/// <summary>
/// Known to the producer, which takes the bytes directly, and to the consumer, which hands out its own buffer; a call of
/// <see cref="Deserialize"/> has only a span and must copy.
/// </summary>
sealed class MemorySerde : ISerde<ReadOnlyMemory<byte>>
{
    public bool IsNull(ReadOnlyMemory<byte> value) => false;

    public void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> destination) => destination.Write(value.Span);

    public ReadOnlyMemory<byte> Deserialize(ReadOnlySpan<byte> bytes) => bytes.ToArrayInPieces();

    public ReadOnlyMemory<byte> DeserializeNull() => ReadOnlyMemory<byte>.Empty;
}
