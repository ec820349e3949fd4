namespace NetKafka.Protocol.Tests.Messages;

/// <summary>Reader and writer of one message type, reached by its name.</summary>
abstract class MessageCodec
{
    static readonly Lazy<IReadOnlyDictionary<string, MessageCodec>> Found = new(() => typeof(IMessage<>).Assembly.GetExportedTypes()
        .Where(type => type is { IsClass: true, Namespace: "NetKafka.Protocol.Messages", IsNested: false })
        .Select(type => (MessageCodec)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type))!)
        .ToDictionary(codec => codec.Name, StringComparer.Ordinal));

    public static IReadOnlyDictionary<string, MessageCodec> ByName => Found.Value;

    public abstract string Name { get; }

    public abstract short LowestVersion { get; }

    public abstract short HighestVersion { get; }

    public abstract Type Type { get; }

    /// <summary>Reads a message that must fill the frame.</summary>
    public abstract object Read(ReadOnlyMemory<byte> frame, short version);

    public abstract void Write(object message, KafkaWriter writer, short version);

    /// <summary>Of requests only.</summary>
    public short RequestHeaderVersion(short version) => HeaderVersion(nameof(RequestHeaderVersion), version);

    /// <summary>Of requests only.</summary>
    public short ResponseHeaderVersion(short version) => HeaderVersion(nameof(ResponseHeaderVersion), version);

    public byte[] Write(object message, short version)
    {
        var writer = new KafkaWriter();
        Write(message, writer, version);
        return writer.WrittenSpan.ToArray();
    }

    public static IEnumerable<(MessageCodec Codec, short Version)> EveryVersion() =>
        from codec in ByName.Values.OrderBy(codec => codec.Name, StringComparer.Ordinal)
        from version in Enumerable.Range(codec.LowestVersion, codec.HighestVersion - codec.LowestVersion + 1)
        select (codec, (short)version);

    short HeaderVersion(string method, short version) => (short)Type.GetMethod(method)!.Invoke(null, [version])!;

    sealed class Of<T> : MessageCodec
        where T : IMessage<T>, new()
    {
        public override string Name => T.Name;

        public override short LowestVersion => T.LowestVersion;

        public override short HighestVersion => T.HighestVersion;

        public override Type Type => typeof(T);

        public override object Read(ReadOnlyMemory<byte> frame, short version) => ResponseFrame.ReadBody<T>(frame, version);

        public override void Write(object message, KafkaWriter writer, short version) => ((T)message).Write(writer, version);
    }
}
