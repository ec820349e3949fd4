using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace NetKafka.Serialization;

sealed class JsonSerde<T>(JsonTypeInfo<T> type) : ISerde<T>
{
    // One writer is kept for the next call; a call that finds it in use makes its own.
    Utf8JsonWriter? _spare;

    public void Serialize(T value, IBufferWriter<byte> destination)
    {
        var writer = Interlocked.Exchange(ref _spare, null);
        if (writer is null)
            writer = new Utf8JsonWriter(destination, new JsonWriterOptions { Encoder = type.Options.Encoder, Indented = type.Options.WriteIndented });
        else
            writer.Reset(destination);
        try
        {
            JsonSerializer.Serialize(writer, value, type);
            writer.Flush();
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new KafkaSerializationException($"{typeof(T).Name} cannot be written as JSON: {error.Message}", error);
        }
        // A writer that failed is not kept. The one that is must not hold on to the caller's buffer.
        writer.Reset(NoDestination.Instance);
        Volatile.Write(ref _spare, writer);
    }

    public T Deserialize(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type)!;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            // The error's own message may quote the data, so it is left to the inner exception.
            var place = error is JsonException { LineNumber: { } line, BytePositionInLine: { } position } ? $" (line {line}, byte {position})" : "";
            throw new KafkaSerializationException(
                $"The {bytes.Length} bytes are not the JSON of a {typeof(T).Name}{place}: check that the topic is written in that format.", error);
        }
    }

    sealed class NoDestination : IBufferWriter<byte>
    {
        public static readonly NoDestination Instance = new();

        public void Advance(int count) => throw new InvalidOperationException("The writer has no destination.");

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new InvalidOperationException("The writer has no destination.");

        public Span<byte> GetSpan(int sizeHint = 0) => throw new InvalidOperationException("The writer has no destination.");
    }
}
