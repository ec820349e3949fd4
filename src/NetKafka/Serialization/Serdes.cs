using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace NetKafka.Serialization;

/// <summary>
/// The formats that come with the client. All are thread-safe. Numbers are big-endian, and every format but
/// <see cref="GuidBinary"/> has the bytes of the Java client's serializer of the same type.
/// </summary>
public static class Serdes
{
    /// <summary>Text as UTF-8, strictly: half a surrogate pair, or bytes that are not UTF-8, are an error and never replaced.</summary>
    public static ISerde<string> String { get; } = new StringSerde();

    /// <summary>Bytes as they are. Reading gives a copy, which may be kept.</summary>
    public static ISerde<byte[]> ByteArray { get; } = new ByteArraySerde();

    /// <summary>
    /// Bytes as they are. The producer copies them before the call returns. Reading gives the bytes in the consumer's own
    /// buffer, which live only as long as the consumer says; a null is read as empty. To write or tell a null, use
    /// <c>ReadOnlyMemory&lt;byte&gt;?</c>.
    /// </summary>
    public static ISerde<ReadOnlyMemory<byte>> Memory { get; } = new MemorySerde();

    /// <summary>Four bytes, big-endian.</summary>
    public static ISerde<int> Int32 { get; } = new Int32Serde();

    /// <summary>Eight bytes, big-endian.</summary>
    public static ISerde<long> Int64 { get; } = new Int64Serde();

    /// <summary>Eight bytes of IEEE 754, big-endian.</summary>
    public static ISerde<double> Double { get; } = new DoubleSerde();

    /// <summary>
    /// The 36 characters of a UUID in lower case, as the Java client's UUIDSerializer writes them. Reading takes the 16 bytes
    /// of <see cref="GuidBinary"/> too.
    /// </summary>
    public static ISerde<Guid> Guid { get; } = new GuidSerde(isBinary: false);

    /// <summary>The 16 bytes of a UUID, big-endian (RFC 9562). Reading takes the text of <see cref="Guid"/> too.</summary>
    public static ISerde<Guid> GuidBinary { get; } = new GuidSerde(isBinary: true);

    /// <summary>No bytes: writes null, reads anything as nothing.</summary>
    public static ISerde<Nothing> Nothing { get; } = new NothingSerde();

    /// <summary>JSON by System.Text.Json, without reflection. A null is written as Kafka's null, not as the text <c>null</c>.</summary>
    /// <typeparam name="T">The type of the key or value.</typeparam>
    /// <param name="type">How to write and read it: a property of a source-generated context, such as <c>AppJson.Default.Payment</c>.</param>
    /// <returns>The format.</returns>
    public static ISerde<T> Json<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new JsonSerde<T>(type);
    }

    /// <summary>JSON by System.Text.Json, for a type that a source-generated context knows.</summary>
    /// <typeparam name="T">The type of the key or value.</typeparam>
    /// <param name="context">The context, such as <c>AppJson.Default</c>.</param>
    /// <returns>The format.</returns>
    /// <exception cref="ArgumentException">The context does not know the type.</exception>
    public static ISerde<T> Json<T>(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> type
            ? new JsonSerde<T>(type)
            : throw new ArgumentException(
                $"{context.GetType().Name} does not know {typeof(T).Name}: add [JsonSerializable(typeof({typeof(T).Name}))] to it.", nameof(context));
    }

    /// <summary>A format for <c>T?</c> from one for <c>T</c>: null is Kafka's null both ways.</summary>
    /// <typeparam name="T">The type that has no null of its own.</typeparam>
    /// <param name="inner">The format of what is not null.</param>
    /// <returns>The format.</returns>
    public static ISerde<T?> Nullable<T>(ISerde<T> inner)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new NullableSerde<T>(inner);
    }

    /// <summary>
    /// The format that producers and consumers use for a type when they are given none: string, byte[],
    /// ReadOnlyMemory&lt;byte&gt;, int, long, double, Guid, the nullable forms of these, and <see cref="Serialization.Nothing"/>.
    /// </summary>
    /// <typeparam name="T">The type of the key or value.</typeparam>
    /// <returns>The format.</returns>
    /// <exception cref="KafkaOptionsException">No format comes with the client for this type.</exception>
    public static ISerde<T> Default<T>() =>
        DefaultOrNull<T>() ?? throw new KafkaOptionsException(
        [
            $"No serializer comes with the client for {typeof(T)}. Built in are string, byte[], ReadOnlyMemory<byte>, int, long, double, Guid "
            + "and the nullable forms of these, and Nothing. For another type give one of your own, or JSON: "
            + $"Serdes.Json(AppJson.Default.{typeof(T).Name}) with a source-generated JsonSerializerContext.",
        ]);

    static ISerde<T>? DefaultOrNull<T>()
    {
        // The comparisons are constants for the JIT and the trimmer: no table, and no reflection.
        object? serde =
            typeof(T) == typeof(string) ? String
            : typeof(T) == typeof(byte[]) ? ByteArray
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? Memory
            : typeof(T) == typeof(ReadOnlyMemory<byte>?) ? new NullableSerde<ReadOnlyMemory<byte>>(Memory)
            : typeof(T) == typeof(int) ? Int32
            : typeof(T) == typeof(int?) ? new NullableSerde<int>(Int32)
            : typeof(T) == typeof(long) ? Int64
            : typeof(T) == typeof(long?) ? new NullableSerde<long>(Int64)
            : typeof(T) == typeof(double) ? Double
            : typeof(T) == typeof(double?) ? new NullableSerde<double>(Double)
            : typeof(T) == typeof(Guid) ? Guid
            : typeof(T) == typeof(Guid?) ? new NullableSerde<Guid>(Guid)
            : typeof(T) == typeof(Nothing) ? Nothing
            : null;
        return (ISerde<T>?)serde;
    }
}
