using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// The few requests that set a test up, written by hand in old versions that every broker answers: what prepares a test must
/// not share a mistake with what it tests.
/// </summary>
sealed class PlainWire : IDisposable
{
    const short MetadataKey = 3;
    const short ApiVersionsKey = 18;
    const short CreateTopicsKey = 19;
    const short TopicAlreadyExists = 36;

    readonly TcpClient _client = new() { NoDelay = true };
    readonly string _address;
    int _correlation;

    PlainWire(string address) => _address = address;

    /// <summary>Connects to the first of the servers that accepts.</summary>
    public static async Task<PlainWire> Connect(string bootstrap, CancellationToken cancellation)
    {
        SocketException? last = null;
        foreach (var address in bootstrap.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var wire = new PlainWire(address);
            try
            {
                var colon = address.LastIndexOf(':');
                await wire._client.ConnectAsync(
                    address[..colon].Trim('[', ']'), int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture), cancellation);
                return wire;
            }
            catch (SocketException error)
            {
                wire.Dispose();
                last = error;
            }
        }
        throw new IOException($"None of {bootstrap} accepts a connection: {last?.Message}", last);
    }

    /// <summary>The lowest and highest version of each API that the broker answers.</summary>
    public async Task<IReadOnlyDictionary<short, (short Lowest, short Highest)>> ApiVersions(CancellationToken cancellation)
    {
        var reader = await Ask(ApiVersionsKey, 0, _ => { }, cancellation);
        var error = reader.Int16();
        if (error != 0)
            throw new IOException($"{_address} answered ApiVersions with error {error}.");
        return reader.Array(() => (Key: reader.Int16(), Range: (reader.Int16(), reader.Int16()))).ToDictionary(api => api.Key, api => api.Range);
    }

    /// <summary>The brokers that are up, and for each partition of a topic its leader, -1 for none; null for no such topic.</summary>
    public async Task<(IReadOnlyDictionary<int, string> Brokers, IReadOnlyList<int>? Leaders)> Metadata(
        string? topic, CancellationToken cancellation)
    {
        var reader = await Ask(MetadataKey, 4, writer =>
        {
            writer.Array<string>(topic is null ? [] : [topic], writer.String);
            writer.Bool(false);
        }, cancellation);
        reader.Int32();
        var brokers = reader.Array(() => (Id: reader.Int32(), Address: $"{reader.String()}:{reader.Int32()}", Rack: reader.String()));
        reader.String();
        reader.Int32();
        var topics = reader.Array(() =>
        {
            var error = reader.Int16();
            reader.String();
            reader.Bool();
            var partitions = reader.Array(() =>
            {
                reader.Int16();
                reader.Int32();
                var leader = reader.Int32();
                reader.Array(reader.Int32);
                reader.Array(reader.Int32);
                return leader;
            });
            return error == 0 ? partitions : null;
        });
        return (brokers.ToDictionary(broker => broker.Id, broker => broker.Address), topics.SingleOrDefault());
    }

    public async Task CreateTopic(
        string topic, int partitions, short replicas, IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var reader = await Ask(CreateTopicsKey, 2, writer =>
        {
            writer.Int32(1);
            writer.String(topic);
            writer.Int32(partitions);
            writer.Int16(replicas);
            writer.Int32(0);
            writer.Array([.. settings], setting =>
            {
                writer.String(setting.Key);
                writer.String(setting.Value);
            });
            writer.Int32(30_000);
            writer.Bool(false);
        }, cancellation);
        reader.Int32();
        reader.Array(() =>
        {
            var name = reader.String();
            var error = reader.Int16();
            var message = reader.String();
            // A retry after a lost answer finds its own topic: names are unique to the run.
            return error is 0 or TopicAlreadyExists
                ? name
                : throw new IOException($"{_address} did not create topic {name}: error {error}, {message}");
        });
    }

    public void Dispose() => _client.Dispose();

    async Task<WireReader> Ask(short api, short version, Action<WireWriter> body, CancellationToken cancellation)
    {
        var writer = new WireWriter();
        writer.Int16(api);
        writer.Int16(version);
        writer.Int32(++_correlation);
        writer.String("netkafka-tests");
        body(writer);
        var stream = _client.GetStream();
        await stream.WriteAsync(writer.Framed(), cancellation);
        var size = new byte[4];
        await stream.ReadExactlyAsync(size, cancellation);
        var response = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await stream.ReadExactlyAsync(response, cancellation);
        var reader = new WireReader(response);
        var correlation = reader.Int32();
        return correlation == _correlation
            ? reader
            : throw new IOException($"{_address} answered request {correlation} where {_correlation} was asked.");
    }

    sealed class WireWriter
    {
        readonly MemoryStream _bytes = new();

        public void Int16(short value) => _bytes.Write([(byte)(value >> 8), (byte)value]);

        public void Int32(int value) => _bytes.Write([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

        public void Bool(bool value) => _bytes.WriteByte(value ? (byte)1 : (byte)0);

        public void String(string value)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            Int16((short)bytes.Length);
            _bytes.Write(bytes);
        }

        public void Array<T>(IReadOnlyList<T> items, Action<T> write)
        {
            Int32(items.Count);
            foreach (var item in items)
                write(item);
        }

        public byte[] Framed()
        {
            var frame = new byte[_bytes.Length + 4];
            BinaryPrimitives.WriteInt32BigEndian(frame, (int)_bytes.Length);
            _bytes.ToArray().CopyTo(frame, 4);
            return frame;
        }
    }

    sealed class WireReader(byte[] bytes)
    {
        int _at;

        public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

        public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

        public bool Bool() => Take(1)[0] != 0;

        /// <summary>Null and empty are the same here.</summary>
        public string String() => Encoding.UTF8.GetString(Take(Math.Max((short)0, Int16())));

        public List<T> Array<T>(Func<T> read) => [.. Enumerable.Range(0, Math.Max(0, Int32())).Select(_ => read())];

        ReadOnlySpan<byte> Take(int count)
        {
            _at += count;
            return bytes.AsSpan(_at - count, count);
        }
    }
}
