using System.Net;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;

namespace NetKafka.Tests.Allocation;

/// <summary>
/// A broker of one topic with one partition that answers from bytes it prepared: every Produce is acknowledged, every Fetch
/// brings the same batches under the offsets it asked for. Once a connection is set up it allocates nothing.
/// </summary>
sealed class ReplayPeer
{
    public const string Topic = "payments";
    public const short ProduceVersion = 8;
    public const short FetchVersion = 11;
    public const int BatchesOfFetch = 32;
    public const int RecordsOfBatch = 256;

    static readonly (ApiKey Api, short Highest)[] Spoken =
    [
        (ApiKey.ApiVersions, 2), (ApiKey.Metadata, 8), (ApiKey.InitProducerId, 1), (ApiKey.Produce, ProduceVersion),
        (ApiKey.Fetch, FetchVersion),
    ];

    readonly List<ReplayStream> _streams = [];
    volatile bool _isHeld;
    long _requests;
    long _writes;
    long _reads;

    public ReplayPeer(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var produced = new KafkaWriter();
        ResponseFrame.Write(produced, new ProduceResponse
        {
            Responses = [new() { Name = Topic, PartitionResponses = [new() { Index = 0, BaseOffset = 0, LogAppendTimeMs = -1 }] }],
        }, ProduceVersion, 0, 0);
        Produced = produced.WrittenSpan.ToArray();
        var records = Batches(key, value);
        var partition = new FetchResponse.PartitionData
        {
            HighWatermark = long.MaxValue / 2, LastStableOffset = long.MaxValue / 2, AbortedTransactions = null, Records = records,
        };
        var fetched = new KafkaWriter();
        ResponseFrame.Write(
            fetched, new FetchResponse { Responses = [new() { Topic = Topic, Partitions = [partition] }] }, FetchVersion, 0, 0);
        Fetched = fetched.WrittenSpan.ToArray();
        FirstBatch = Fetched.Length - records.Length;
        BatchBytes = records.Length / BatchesOfFetch;
    }

    /// <summary>A Produce answer of correlation id 0.</summary>
    public byte[] Produced { get; }

    /// <summary>A Fetch answer of correlation id 0, whose batches all begin at offset 0.</summary>
    public byte[] Fetched { get; }

    public int FirstBatch { get; }

    public int BatchBytes { get; }

    /// <summary>Produce and Fetch requests so far.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Writes and reads of clients that have begun so far.</summary>
    public (long Writes, long Reads) Operations => (Volatile.Read(ref _writes), Volatile.Read(ref _reads));

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountWrite() => Interlocked.Increment(ref _writes);

    public void CountRead() => Interlocked.Increment(ref _reads);

    /// <summary>Whether Produce requests are taken and not answered yet.</summary>
    public bool IsHeld => _isHeld;

    public ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellation)
    {
        var stream = new ReplayStream(this);
        lock (_streams)
            _streams.Add(stream);
        return new(stream);
    }

    /// <summary>From now on no Produce request is answered.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>Answers those that are held, and the next ones at once.</summary>
    public void GoOn()
    {
        _isHeld = false;
        lock (_streams)
        {
            foreach (var stream in _streams)
                stream.AnswerHeld();
        }
    }

    /// <summary>Answers what is asked while a client sets itself up.</summary>
    public static void AnswerSetup(KafkaWriter output, ApiKey api, short version, int correlationId)
    {
        switch (api)
        {
            case ApiKey.ApiVersions:
                // A version that is not known is answered in version 0 and with the versions that are.
                var isKnown = version <= 2;
                ResponseFrame.Write(output, new ApiVersionsResponse
                {
                    ErrorCode = isKnown ? ErrorCode.None : ErrorCode.UnsupportedVersion,
                    ApiKeys = [.. Spoken.Select(row => new ApiVersionsResponse.ApiVersion { ApiKey = (short)row.Api, MaxVersion = row.Highest })],
                }, isKnown ? version : (short)0, 0, correlationId);
                break;
            case ApiKey.Metadata:
                ResponseFrame.Write(output, new MetadataResponse
                {
                    ControllerId = 1,
                    Brokers = [new() { NodeId = 1, Host = "replay", Port = 9092 }],
                    Topics = [new() { Name = Topic, Partitions = [new() { LeaderId = 1, LeaderEpoch = 0, ReplicaNodes = [1], IsrNodes = [1] }] }],
                }, version, 0, correlationId);
                break;
            case ApiKey.InitProducerId:
                ResponseFrame.Write(output, new InitProducerIdResponse { ProducerId = 7, ProducerEpoch = 0 }, version, 0, correlationId);
                break;
            default:
                throw new NotSupportedException($"The replay does not speak {api}.");
        }
    }

    static byte[] Batches(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[1 << 20], 0, 1 << 20);
        for (var i = 0; i < RecordsOfBatch; i++)
            Assert.True(writer.TryAppend(1_700_000_000_000, key, false, value, false));
        var batch = writer.Seal();
        return [.. Enumerable.Repeat(batch, BatchesOfFetch).SelectMany(bytes => bytes)];
    }
}
