using System.Buffers;

namespace NetKafka.Serialization;

sealed class NothingSerde : ISerde<Nothing>
{
    public bool IsNull(Nothing value) => true;

    public void Serialize(Nothing value, IBufferWriter<byte> destination)
    {
    }

    public Nothing Deserialize(ReadOnlySpan<byte> bytes) => default;

    public Nothing DeserializeNull() => default;
}
