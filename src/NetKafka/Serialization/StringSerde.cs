using System.Buffers;
using System.Text;

namespace NetKafka.Serialization;

sealed class StringSerde : ISerde<string>
{
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public void Serialize(string value, IBufferWriter<byte> destination)
    {
        try
        {
            // A short text is written within its upper bound: one pass instead of two.
            var bound = value.Length <= 256 ? StrictUtf8.GetMaxByteCount(value.Length) : StrictUtf8.GetByteCount(value);
            destination.Advance(StrictUtf8.GetBytes(value, destination.GetSpan(bound)));
        }
        catch (EncoderFallbackException error)
        {
            throw new KafkaSerializationException(
                $"The text holds half of a surrogate pair at index {error.Index}, which UTF-8 cannot express: it was cut in two somewhere.", error);
        }
    }

    public string Deserialize(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new KafkaSerializationException(
                $"The {bytes.Length} bytes are not UTF-8 text (at byte {error.Index}): read them as byte[], or with the format they were written in.", error);
        }
    }
}
