using System.Text;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <summary>
/// A producer's machine with a scripted cluster, hand-made time and signals that wait for the next turn. Brokers 1 to 3; a
/// topic's partition p is led by broker 1 + p % 3 unless a test says otherwise.
/// </summary>
sealed class ProducerBench : IProducerHost
{
    public const long Pid = 4711;

    readonly MachineQueue _machines = new();
    readonly Effects _effects = new();
    readonly Queue<PartitionQueue> _signals = new();
    readonly SortedDictionary<string, TopicView> _topics = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _lives = [];
    readonly TimeSpan _backoff = TimeSpan.FromMilliseconds(100);

    public ProducerBench(ProducerOptions? options = null, string? rack = null, TimeSpan? longestBackoff = null)
    {
        Options = (options ?? new ProducerOptions { Linger = TimeSpan.Zero }).Validated(new KafkaClientOptions { ClientRack = rack });
        Accumulator = new Accumulator(Options, this, Pool, new RandomSource(1));
        Machine = new ProducerMachine(Cluster, Options, Accumulator, this, new Backoff(_backoff, longestBackoff ?? _backoff), new RandomSource(2));
        _machines.Add(Machine);
    }

    public ProducerOptions Options { get; }

    public ScriptedCluster Cluster { get; } = new();

    public SlabPool Pool { get; } = new(64 * 1024 * 1024);

    public Accumulator Accumulator { get; }

    public ProducerMachine Machine { get; }

    public Instant Now { get; set; } = Instant.Start + TimeSpan.FromSeconds(1);

    public Instant NextDeadline { get; private set; }

    /// <summary>The racks of brokers 1 to 3.</summary>
    public string?[] Racks { get; set; } = new string?[3];

    public List<Exception> CallbackErrors { get; } = [];

    /// <summary>Whether user code waits until <see cref="RunDispatched"/>.</summary>
    public bool HoldsDispatches { get; set; }

    public Queue<Dispatch> Dispatched { get; } = new();

    public IPartitionSignal CreateSignal(PartitionQueue queue) => new Signal(this, queue);

    public void OnRoomMade() => Machine.OnWaitEnded();

    public void OnCallbackError(Exception error) => CallbackErrors.Add(error);

    /// <summary>Makes a topic known, and to the producer too.</summary>
    public ProducerBench WithTopic(string name, int partitions = 1, Func<int, int>? leader = null, bool hasId = true)
    {
        Show(name, partitions, leader, hasId);
        Machine.OnTopicWanted(new TopicWait(Accumulator.GetTopic(name), -1, new TestCall<bool>(Instant.Never)));
        Turn();
        return this;
    }

    public void Show(string name, int partitions = 1, Func<int, int>? leader = null, bool hasId = true, ErrorCode error = ErrorCode.None)
    {
        leader ??= static partition => 1 + partition % 3;
        var epoch = Cluster.View.Generation;
        _topics[name] = new TopicView(
            name, hasId ? IdOf(name) : Guid.Empty, false,
            [.. Enumerable.Range(0, partitions).Select(p => new PartitionView(p, leader(p), (int)epoch, [1, 2, 3], [1, 2, 3], ErrorCode.None))], error);
        ShowView();
    }

    /// <summary>A topic was deleted and created anew, under another id.</summary>
    public void Recreate(string name)
    {
        _lives[name] = _lives.GetValueOrDefault(name) + 1;
        Show(name);
    }

    public void Hide(string name)
    {
        _topics.Remove(name);
        ShowView();
    }

    /// <summary>Gives the producer its id.</summary>
    /// <param name="isKnown">Whether the brokers know it already, so that no first batch has to go alone.</param>
    public ProducerBench WithId(long id = Pid, short epoch = 0, bool isKnown = true)
    {
        var request = Cluster.Sent.Find(sent => sent.Request.ApiKey == ApiKey.InitProducerId);
        Assert.NotNull(request);
        Cluster.Sent.Remove(request);
        request.Answer(new InitProducerIdResponse { ProducerId = id, ProducerEpoch = epoch }, Now);
        foreach (var topic in _topics.Keys)
        {
            foreach (var queue in Accumulator.GetTopic(topic).Partitions?.All ?? [])
                queue.Sequence.KnownId = isKnown ? id : -1;
        }
        Turn();
        return this;
    }

    /// <summary>The oldest request of an API; there must be one.</summary>
    public SentRequest TakeRequest(ApiKey api)
    {
        var request = Cluster.Sent.Find(sent => sent.Request.ApiKey == api);
        Assert.True(request is not null, $"no {api} was sent; waiting are: {string.Join(", ", Cluster.Sent.Select(sent => sent.Request.ApiKey))}");
        Cluster.Sent.Remove(request);
        return request;
    }

    public int Count(ApiKey api) => Cluster.Sent.Count(sent => sent.Request.ApiKey == api);

    public void Answer<TResponse>(SentRequest request, TResponse response)
        where TResponse : IMessage<TResponse>
    {
        request.Answer(response, Now);
        Turn();
    }

    public void Fail(SentRequest request, Internal.Connections.RequestFailureReason reason)
    {
        request.Fail(reason, Now);
        Turn();
    }

    /// <summary>A call to the transactions.</summary>
    public TestCall<bool> Transact(Action<Internal.Producing.Transactions.TransactionMachine, Call<bool>, Instant, Effects> ask)
    {
        var call = new TestCall<bool>(Now + Options.MaxBlock);
        ask(Machine.Transaction!, call, Now, _effects);
        Machine.OnWaitEnded();
        Turn();
        return call;
    }

    public AppendResult TryAppend(string topic, string? value, out ProbeRecord probe, int partition = 0, string? key = null, bool hasWaited = false)
    {
        probe = new ProbeRecord();
        return TryAppend(topic, value, probe, partition, key, hasWaited);
    }

    public AppendResult TryAppend(string topic, string? value, object? target, int partition = 0, string? key = null, bool hasWaited = false)
    {
        var data = new RecordData(
            topic, partition, 1_700_000_000_000, Encoding.UTF8.GetBytes(key ?? ""), key is null,
            Encoding.UTF8.GetBytes(value ?? ""), value is null, ReadOnlyMemory<Header>.Empty);
        Accumulator.Check(data);
        return Accumulator.TryAppend(data, new RecordCompletion(target, null, data.TimestampMs), hasWaited, out _);
    }

    /// <summary>Appends a record, without a turn.</summary>
    public ProbeRecord Append(string topic, string? value, int partition = 0, string? key = null)
    {
        Assert.Equal(AppendResult.Appended, TryAppend(topic, value, out var probe, partition, key));
        return probe;
    }

    /// <summary>
    /// Appends a record and lets the machine act on it. Without a linger one may wait a millisecond for the answer to the record
    /// before it: that passes too.
    /// </summary>
    public ProbeRecord Send(string topic, string? value, int partition = 0, string? key = null)
    {
        var probe = Append(topic, value, partition, key);
        Turn();
        if (Options.Linger == TimeSpan.Zero && NextDeadline <= Now + TimeSpan.FromMilliseconds(1))
            Advance(TimeSpan.FromMilliseconds(1));
        return probe;
    }

    /// <summary>One turn: signals, polls, user code.</summary>
    public void Turn()
    {
        while (_signals.TryDequeue(out var queue))
            Machine.OnSignal(queue, Now);
        NextDeadline = _machines.Poll(Now, _effects);
        for (var i = 0; i < _effects.Count; i++)
        {
            if (_effects[i].Kind == EffectKind.Dispatch)
                Dispatched.Enqueue((Dispatch)_effects[i].Payload!);
        }
        _effects.Clear();
        if (!HoldsDispatches)
            RunDispatched();
    }

    public void RunDispatched()
    {
        while (Dispatched.TryDequeue(out var item))
            item.Run();
    }

    public void Advance(TimeSpan time)
    {
        Now += time;
        Turn();
    }

    /// <summary>Goes through the pause after a failed attempt.</summary>
    public void PassBackoff() => Advance(_backoff * 1.5);

    /// <summary>The oldest Produce request, which is written now.</summary>
    public SentProduce Take()
    {
        var request = Cluster.Sent.Find(sent => sent.Request.ApiKey == ApiKey.Produce);
        Assert.NotNull(request);
        Cluster.Sent.Remove(request);
        return new SentProduce(request, NameOf);
    }

    /// <summary>The oldest Produce request to a broker; null if there is none.</summary>
    public SentProduce? TakeOf(int nodeId)
    {
        var request = Cluster.Sent.Find(sent => sent.Request.ApiKey == ApiKey.Produce && sent.Target.NodeId == nodeId);
        if (request is null)
            return null;
        Cluster.Sent.Remove(request);
        return new SentProduce(request, NameOf);
    }

    public int WaitingRequests => Cluster.Sent.Count(sent => sent.Request.ApiKey == ApiKey.Produce && !sent.Request.IsAbandoned);

    /// <summary>Takes and acknowledges requests until none is left.</summary>
    public List<SentBatch> Drain()
    {
        var all = new List<SentBatch>();
        while (WaitingRequests > 0)
        {
            var request = Take();
            all.AddRange(request.Batches);
            request.Answer(Now);
            Turn();
        }
        return all;
    }

    /// <summary>Nothing is left: no buffer, no memory, no batch.</summary>
    public void AssertNothingHeld()
    {
        Assert.Equal(0, Accumulator.Incomplete.Count);
        Assert.Equal(0, Accumulator.Memory.UsedBytes);
        Assert.Equal(0, Pool.RentedCount);
    }

    Guid IdOf(string name) => new(name.Length, (short)name[0], (short)name[^1], (byte)(1 + _lives.GetValueOrDefault(name)), 2, 3, 4, 5, 6, 7, 8);

    string NameOf(Guid id) => _topics.Keys.Single(name => IdOf(name) == id);

    void ShowView() => Cluster.Show(new ClusterView(
        0, "cluster", 1,
        Enumerable.Range(1, 3).ToDictionary(id => id, id => new BrokerView(id, "localhost", 9092 + id, Racks[id - 1])),
        new Dictionary<string, TopicView>(_topics)));

    sealed class Signal(ProducerBench bench, PartitionQueue queue) : IPartitionSignal
    {
        public void Raise() => bench._signals.Enqueue(queue);
    }
}
