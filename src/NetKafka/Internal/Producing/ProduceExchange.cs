using System.Runtime.InteropServices;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing.Transactions;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Producing;

/// <summary>
/// One Produce request with at most one batch of each partition. The bytes of its batches are lent to the connection until
/// the outcome. Used again once it has its outcome, unless it was abandoned.
/// </summary>
sealed class ProduceExchange(ProducerMachine machine, ProducerOptions options, TransactionMachine? transaction) : BrokerRequest
{
    const short FirstWithZstd = 7;

    static readonly Comparison<ProduceItem> ByTopic = static (left, right) =>
    {
        var byTopic = string.CompareOrdinal(left.Batch.Queue.Topic.Name, right.Batch.Queue.Topic.Name);
        return byTopic != 0 ? byTopic : left.Batch.Queue.Partition.CompareTo(right.Batch.Queue.Partition);
    };

    readonly List<ProduceItem> _items = [];

    /// <summary>The broker it is for.</summary>
    public BrokerQueue Broker { get; private set; } = null!;

    /// <summary>The view of the cluster that chose the broker.</summary>
    public long ViewGeneration { get; private set; }

    /// <summary>The bytes of its batches.</summary>
    public long Bytes { get; private set; }

    /// <summary>When it was given to the connection.</summary>
    public Instant SentAt { get; private set; }

    /// <summary>Whether its bytes are on their way: from then on the broker may act on them.</summary>
    public bool IsWritten { get; private set; }

    public int Count => _items.Count;

    public Span<ProduceItem> Items => CollectionsMarshal.AsSpan(_items);

    public override ApiKey ApiKey => ApiKey.Produce;

    public override short LowestVersion => Math.Max(options.UsesZstd ? FirstWithZstd : (short)3, transaction?.LowestProduceVersion ?? 0);

    /// <summary>By name, where an id is not known: some clusters have none (KIP-516).</summary>
    public override short HighestVersion
    {
        get
        {
            if (transaction?.HighestProduceVersion is { } highest and < ProduceEncoder.FirstWithTopicIds)
                return highest;
            foreach (ref readonly var item in Items)
            {
                if (item.TopicId == Guid.Empty)
                    return ProduceEncoder.FirstWithTopicIds - 1;
            }
            return ProduceEncoder.FirstWithTopicIds;
        }
    }

    public override bool HasAnswer => options.Acks != Acks.None;

    public override short RequestHeaderVersion(short version) => Protocol.Messages.ProduceRequest.RequestHeaderVersion(version);

    public override short ResponseHeaderVersion(short version) => Protocol.Messages.ProduceRequest.ResponseHeaderVersion(version);

    public void Begin(BrokerQueue broker, long viewGeneration, Instant now)
    {
        (Broker, ViewGeneration, SentAt, Bytes, IsWritten) = (broker, viewGeneration, now, 0, false);
        _items.Clear();
    }

    public void Add(ProduceBatch batch)
    {
        batch.Exchange = this;
        Bytes += batch.Bytes.Count;
        _items.Add(new ProduceItem { Batch = batch, TopicId = batch.Queue.Topic.Id });
    }

    /// <summary>Takes a batch out that is not to be sent any more. Before the request is written only.</summary>
    public void Remove(ProduceBatch batch)
    {
        batch.Exchange = null;
        _items.RemoveAt(_items.FindIndex(item => item.Batch == batch));
    }

    public override void Write(SendBuffer buffer, short version)
    {
        IsWritten = true;
        _items.Sort(ByTopic);
        var isByName = version < ProduceEncoder.FirstWithTopicIds;
        foreach (ref var item in Items)
            item.Batch.SentTo = (item.TopicId, item.Batch.SentTo.ByName || isByName);
        ProduceEncoder.Write(
            buffer, version, options.TransactionalId, (short)options.Acks, (int)Math.Min(Timeout.TotalMilliseconds, int.MaxValue), Items);
    }

    public override TimeSpan OnAnswer(in Answer answer)
    {
        var throttleMs = ProduceDecoder.Read(answer.Body, answer.Version, Items, out var endpoints);
        machine.OnAnswered(this, endpoints, answer.Now);
        return TimeSpan.FromMilliseconds(Math.Max(0, throttleMs));
    }

    public override void OnWritten(Instant now)
    {
        foreach (ref var item in Items)
            (item.IsAnswered, item.Error, item.BaseOffset, item.LogAppendTimeMs) = (true, ErrorCode.None, -1, -1);
        machine.OnAnswered(this, null, now);
    }

    public override void OnFailure(RequestFailure failure, Instant now) => machine.OnFailed(this, failure, now);
}
