using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// Single requests to a target's brokers, one after another and past all of the client but its messages: what a broker answers is
/// what counts. Every version that is asked in is spoken by Kafka 3.9 and 4.x, and names topics, but where a scenario says what it needs.
/// </summary>
public sealed class RawWire(KafkaTarget target) : IAsyncDisposable
{
    const short FindCoordinatorVersion = 4;
    const short MetadataVersion = 12;
    const short ProduceVersion = 9;
    const sbyte GroupKey = 0;
    const sbyte TransactionKey = 1;
    const int TimeoutMs = 30_000;

    readonly Dictionary<string, Stream> _streams = [];
    int _correlationId;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Asks any broker.</summary>
    public Task<TResponse> AskAny<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse> =>
        Ask<TRequest, TResponse>(target.ClientOptions.BootstrapServers.Split(',')[0], request, version);

    /// <summary>Asks the leader of a partition.</summary>
    public async Task<TResponse> AskLeader<TRequest, TResponse>(string topic, TRequest request, short version, int partition = 0)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        var metadata = await AskAny<MetadataRequest, MetadataResponse>(
            new MetadataRequest { Topics = [new() { Name = topic }], AllowAutoTopicCreation = false }, MetadataVersion);
        var leader = metadata.Topics.Single().Partitions.Single(row => row.PartitionIndex == partition).LeaderId;
        var broker = metadata.Brokers.Single(row => row.NodeId == leader);
        return await Ask<TRequest, TResponse>(Address(broker.Host, broker.Port), request, version);
    }

    /// <summary>Asks the coordinator of a group, once there is one.</summary>
    public Task<TResponse> AskCoordinator<TRequest, TResponse>(string group, TRequest request, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse> => AskCoordinator<TRequest, TResponse>(GroupKey, group, request, version);

    /// <summary>Asks the coordinator of a transactional id, once there is one.</summary>
    public Task<TResponse> AskTransactionCoordinator<TRequest, TResponse>(string transactionalId, TRequest request, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse> => AskCoordinator<TRequest, TResponse>(TransactionKey, transactionalId, request, version);

    async Task<TResponse> AskCoordinator<TRequest, TResponse>(sbyte keyType, string key, TRequest request, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        FindCoordinatorResponse.Coordinator? found = null;
        await Wait.Until(async () =>
        {
            found = (await AskAny<FindCoordinatorRequest, FindCoordinatorResponse>(
                new FindCoordinatorRequest { KeyType = keyType, CoordinatorKeys = [key] }, FindCoordinatorVersion)).Coordinators.Single();
            return found.ErrorCode == ErrorCode.None;
        }, $"a coordinator of {key}", Cancellation);
        return await Ask<TRequest, TResponse>(Address(found!.Host, found.Port), request, version);
    }

    /// <summary>Writes one batch, and gives what the leader says to it.</summary>
    public async Task<ProduceResponse.PartitionProduceResponse> Produce(
        string topic, byte[] records, short acks = -1, int partition = 0, string? transactionalId = null, short version = ProduceVersion)
    {
        var answer = await AskLeader<ProduceRequest, ProduceResponse>(topic, new ProduceRequest
        {
            TransactionalId = transactionalId,
            Acks = acks,
            TimeoutMs = TimeoutMs,
            TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = records.AsMemory() }] }],
        }, version);
        return answer.Responses.Single().PartitionResponses.Single();
    }

    /// <summary>A batch of records without keys, of so many bytes each.</summary>
    public static byte[] Batch(
        int count, long producerId = -1, short epoch = -1, int sequence = -1, int valueBytes = 10, bool isTransactional = false)
    {
        var writer = new RecordBatchWriter();
        var capacity = 100 + count * (valueBytes + 50);
        writer.Begin(new byte[capacity], 0, capacity);
        for (var i = 0; i < count; i++)
            writer.TryAppend(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), default, true, new byte[valueBytes], false);
        var batch = writer.Seal().ToArray();
        if (producerId >= 0)
            RecordBatchPatch.SetProducer(batch, producerId, epoch, sequence, isTransactional);
        return batch;
    }

    /// <summary>A batch of one record with a key.</summary>
    public static byte[] Keyed(string key)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[1_000], 0, 1_000);
        writer.TryAppend(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), System.Text.Encoding.UTF8.GetBytes(key), false, "v"u8, false);
        return writer.Seal().ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams.Values)
            await stream.DisposeAsync();
    }

    static string Address(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    async Task<TResponse> Ask<TRequest, TResponse>(string address, TRequest request, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        if (!_streams.TryGetValue(address, out var stream))
            _streams.Add(address, stream = await Connect(address));
        var writer = new KafkaWriter(1024);
        writer.WriteInt32(0);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(++_correlationId);
        writer.WriteNullableString("netkafka-tests", "ClientId");
        if (TRequest.RequestHeaderVersion(version) >= 2)
            writer.WriteUnsignedVarint(0);
        request.Write(writer, version);
        var frame = writer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - sizeof(int));
        await stream.WriteAsync(frame, Cancellation);
        var size = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(size, Cancellation);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await stream.ReadExactlyAsync(answer, Cancellation);
        var reader = new KafkaReader(answer, TRequest.Name, version);
        Assert.Equal(_correlationId, reader.ReadInt32());
        if (TRequest.ResponseHeaderVersion(version) >= 1)
            reader.SkipTags();
        return TResponse.Read(ref reader, version);
    }

    async Task<Stream> Connect(string address)
    {
        var colon = address.LastIndexOf(':');
        var endpoint = new DnsEndPoint(address[..colon], int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        if (target.ClientOptions.ConnectCallback is { } connect)
            return await connect(endpoint, Cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint, Cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
