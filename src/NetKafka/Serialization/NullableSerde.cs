using System.Buffers;

namespace NetKafka.Serialization;

sealed class NullableSerde<T>(ISerde<T> inner) : ISerde<T?>
    where T : struct
{
    public bool IsNull(T? value) => value is null;

    public void Serialize(T? value, IBufferWriter<byte> destination) => inner.Serialize(value.GetValueOrDefault(), destination);

    public T? Deserialize(ReadOnlySpan<byte> bytes) => inner.Deserialize(bytes);

    public T? DeserializeNull() => null;
}
