using CsCheck;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;

namespace NetKafka.Tests.Producing;

/// <summary>The producer's machine against a broker model that checks sequences as Kafka does, with failures from a seed.</summary>
public sealed class ProducerChaosTests
{
    const int Partitions = 3;

    static readonly Gen<ProducerOptions> Extremes =
        from batchSize in OneOf(0, 1, 100, 700, 16 * 1024)
        from linger in OneOf(0, 1, 5)
        from inFlight in OneOf(1, 2, 5)
        from codec in OneOf(CompressionCodec.None, CompressionCodec.Lz4)
        from maxRequest in OneOf(20 * 1024, 1024 * 1024)
        select new ProducerOptions
        {
            BatchSize = batchSize,
            Linger = TimeSpan.FromMilliseconds(linger),
            MaxInFlight = inFlight,
            Compression = codec,
            MaxRequestSize = maxRequest,
            BufferMemory = 64 * 1024,
        };

    [Fact]
    public void Whatever_the_options_nothing_is_lost_doubled_or_reordered_by_failures() =>
        Gen.Select(Extremes, Gen.ULong).Sample((options, seed) => Run(options, new Internal.Kernel.RandomSource(seed), isUnlucky: true), iter: 150, threads: 1);

    [Fact]
    public void Whatever_the_options_everything_arrives_without_failures() =>
        Gen.Select(Extremes, Gen.ULong).Sample((options, seed) => Run(options, new Internal.Kernel.RandomSource(seed), isUnlucky: false), iter: 100, threads: 1);

    static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    static void Run(ProducerOptions options, Internal.Kernel.RandomSource random, bool isUnlucky)
    {
        var bench = new ProducerBench(options).WithTopic("t", Partitions).WithId();
        var broker = new BrokerModel(bench, random, isUnlucky);
        var records = new List<(string Value, int Partition, ProbeRecord Record)>();
        for (var i = 0; i < 120 || !broker.IsIdle || bench.Accumulator.Incomplete.Count > 0; i++)
        {
            Assert.True(i < 20_000, "the producer does not come to an end");
            if (i < 120)
            {
                var (partition, size) = (random.Next(Partitions), random.Next(10) == 0 ? 17_000 : random.Next(60));
                var value = $"{i}:{new string('x', size)}";
                if (bench.TryAppend("t", value, out var record, partition, random.Next(3) switch { 0 => null, 1 => "", _ => "key" }) == AppendResult.Appended)
                    records.Add((value, partition, record));
            }
            bench.Turn();
            broker.Step();
            if (random.Next(4) == 0 || i >= 120)
                bench.Advance(TimeSpan.FromMilliseconds(random.Next(60)));
        }
        Assert.NotEmpty(records);
        for (var partition = 0; partition < Partitions; partition++)
        {
            var sent = records.Where(item => item.Partition == partition).ToList();
            Assert.All(sent, item => Assert.Null(item.Record.Error));
            Assert.Equal(sent.Select(item => item.Value), broker.Log(partition));
            Assert.All(sent, item => Assert.True(item.Record.Offset < 0 || broker.Log(partition)[(int)item.Record.Offset] == item.Value));
        }
        bench.AssertNothingHeld();
    }

    /// <summary>Logs that take a batch only in sequence, and answers that come late, not at all, or are refusals.</summary>
    sealed class BrokerModel(ProducerBench bench, Internal.Kernel.RandomSource random, bool isUnlucky)
    {
        readonly List<string>[] _logs = [[], [], []];
        readonly (long Id, int Epoch, int Next)[] _states = [(-1, -1, 0), (-1, -1, 0), (-1, -1, 0)];
        readonly Queue<(SentBatch Batch, long Offset)>[] _recent = [new(), new(), new()];
        readonly Dictionary<int, Queue<SentProduce>> _connections = [];
        readonly HashSet<(int Partition, int Epoch, int Sequence, int Count)> _seen = [];

        public bool IsIdle => bench.WaitingRequests == 0 && _connections.Values.All(connection => connection.Count == 0);

        public List<string> Log(int partition) => _logs[partition];

        public void Step()
        {
            while (bench.WaitingRequests > 0)
            {
                var request = bench.Take();
                if (!_connections.TryGetValue(request.NodeId, out var connection))
                    _connections[request.NodeId] = connection = new Queue<SentProduce>();
                connection.Enqueue(request);
            }
            foreach (var node in _connections.Keys.Order().ToList())
            {
                var connection = _connections[node];
                for (var count = random.Next(3); count > 0 && connection.TryDequeue(out var request); count--)
                {
                    if (isUnlucky && random.Next(6) == 0)
                        Break(connection, request);
                    else
                        request.Answer(bench.Now, Append);
                    bench.Turn();
                }
            }
        }

        /// <summary>The connection breaks: some of what was sent was still acted on.</summary>
        void Break(Queue<SentProduce> connection, SentProduce first)
        {
            var lost = new List<SentProduce> { first };
            while (connection.TryDequeue(out var next))
                lost.Add(next);
            var arrived = random.Next(lost.Count + 1);
            foreach (var request in lost.Take(arrived))
            {
                foreach (var batch in request.Batches)
                    Append(batch);
            }
            foreach (var request in lost)
                request.Fail(random.Next(2) == 0 ? RequestFailureReason.Lost : RequestFailureReason.TimedOut, bench.Now);
            // What still waited for the connection fails with it.
            foreach (var waiting in bench.Cluster.Sent.Where(sent => sent.Target.NodeId == first.NodeId).ToList())
            {
                bench.Cluster.Sent.Remove(waiting);
                waiting.Fail(RequestFailureReason.NotSent, bench.Now);
            }
        }

        Protocol.Messages.ProduceResponse.PartitionProduceResponse Append(SentBatch batch)
        {
            var row = new Protocol.Messages.ProduceResponse.PartitionProduceResponse { Index = batch.Partition, BaseOffset = -1 };
            var isNew = _seen.Add((batch.Partition, batch.Epoch, batch.Sequence, batch.Values.Length));
            if (isUnlucky && random.Next(8) == 0)
            {
                row.ErrorCode = random.Next(3) switch
                {
                    0 => ErrorCode.NotEnoughReplicas,
                    1 => ErrorCode.NotLeaderOrFollower,
                    // A size that is refused is refused from the first try on.
                    _ => batch.Values.Length > 1 && isNew ? ErrorCode.MessageTooLarge : ErrorCode.LeaderNotAvailable,
                };
                return row;
            }
            (row.ErrorCode, row.BaseOffset) = AppendInSequence(batch);
            // The log has it, and the answer says that the replicas have not.
            if (isUnlucky && row.ErrorCode == ErrorCode.None && random.Next(8) == 0)
                (row.ErrorCode, row.BaseOffset) = (ErrorCode.NotEnoughReplicasAfterAppend, -1);
            return row;
        }

        (ErrorCode Error, long Offset) AppendInSequence(SentBatch batch)
        {
            var log = _logs[batch.Partition];
            ref var state = ref _states[batch.Partition];
            var recent = _recent[batch.Partition];
            foreach (var (known, offset) in recent)
            {
                if ((known.ProducerId, known.Epoch, known.Sequence, known.Values.Length) == (batch.ProducerId, batch.Epoch, batch.Sequence, batch.Values.Length))
                    return random.Next(4) == 0 ? (ErrorCode.DuplicateSequenceNumber, -1) : (ErrorCode.None, offset);
            }
            if (state.Id == batch.ProducerId && batch.Epoch < state.Epoch)
                return (ErrorCode.InvalidProducerEpoch, -1);
            var expected = state.Id == batch.ProducerId && state.Epoch == batch.Epoch ? state.Next : 0;
            if (batch.Sequence != expected)
                return (ErrorCode.OutOfOrderSequenceNumber, -1);
            if (state.Epoch != batch.Epoch)
                recent.Clear();
            state = (batch.ProducerId, batch.Epoch, SequenceState.Add(batch.Sequence, batch.Values.Length));
            recent.Enqueue((batch, log.Count));
            if (recent.Count > 5)
                recent.Dequeue();
            log.AddRange(batch.Values);
            return (ErrorCode.None, log.Count - batch.Values.Length);
        }
    }
}
