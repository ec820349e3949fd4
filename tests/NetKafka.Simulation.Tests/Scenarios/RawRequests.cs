using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Connections and metadata alone: idempotent records written by hand-made requests, one after another in each partition, each
/// repeated until it is answered. No producer is in it, so what fails here lies below.
/// </summary>
sealed class RawRequests : Scenario
{
    const string Topic = "raw";
    const int Partitions = 3;
    const int RecordsEach = 67;

    public override string Name => "raw";

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(90);

    public override async Task RunAsync(SimWorld world)
    {
        world.CreateTopic(Topic, Partitions, 3);
        await using var client = world.CreateClient("raw");
        client.Runtime.Post(new Watch(client.Runtime.Cluster));
        var writers = new List<Task>();
        for (var partition = 0; partition < Partitions; partition++)
            writers.Add(WriteAsync(world, client, partition));
        await Task.WhenAll(writers);
    }

    static async Task WriteAsync(SimWorld world, KafkaClient client, int partition)
    {
        var producerId = await InitAsync(world, client);
        var writer = new RecordBatchWriter();
        for (var sequence = 0; sequence < RecordsEach; sequence++)
        {
            await world.Pause(TimeSpan.FromTicks(world.Random.Next((int)(world.ChaosTicks / RecordsEach))));
            var record = world.History.Add(new SentRecord
            {
                Id = world.History.NextId,
                Producer = partition,
                Topic = Topic,
                Partition = partition,
                Key = null,
                ValueBytes = SentRecord.SmallestValue + world.Random.Next(700),
                TimestampMs = world.WallClockMs,
                InvokedTicks = world.Scheduler.Now,
                LatestEndTicks = long.MaxValue,
            });
            var bytes = new byte[4_000];
            writer.Begin(bytes, 0, bytes.Length);
            writer.TryAppend(record.TimestampMs, default, true, record.ValueOf(), false);
            var batch = writer.Seal();
            RecordBatchPatch.SetProducer(batch, producerId, 0, sequence);
            await WriteAsync(world, client, record, batch);
        }
    }

    static async Task<long> InitAsync(SimWorld world, KafkaClient client)
    {
        while (true)
        {
            var outcome = await AskAsync<InitProducerIdRequest, InitProducerIdResponse>(
                client, new InitProducerIdRequest { TransactionalId = null, ProducerId = -1, ProducerEpoch = -1, TransactionTimeoutMs = 1_000 }, RequestTarget.AnyBroker, LaneKey.Control, 4);
            if (outcome is { HasResponse: true, Response.ErrorCode: ErrorCode.None })
                return outcome.Response.ProducerId;
            await world.Pause(TimeSpan.FromMilliseconds(50));
        }
    }

    static async Task WriteAsync(SimWorld world, KafkaClient client, SentRecord record, ArraySegment<byte> batch)
    {
        while (record.Outcome == SendOutcome.Pending)
        {
            var view = client.Runtime.Cluster.View;
            if (view.TryGetPartition(Topic, record.Partition, out var known) && known.LeaderId >= 0)
            {
                var request = new ProduceRequest
                {
                    Acks = -1,
                    TimeoutMs = 1_000,
                    TopicData =
                    [
                        new() { Name = Topic, PartitionData = [new() { Index = record.Partition, Records = batch.AsMemory() }] },
                    ],
                };
                var outcome = await AskAsync<ProduceRequest, ProduceResponse>(
                    client, request, RequestTarget.Broker(known.LeaderId), LaneKey.Produce, 12);
                Take(world, record, outcome);
            }
            if (record.Outcome != SendOutcome.Pending)
                return;
            client.Runtime.Post(new Refresh(client.Runtime.Cluster, view.Generation));
            await world.Pause(TimeSpan.FromMilliseconds(20 + world.Random.Next(50)));
        }
    }

    static void Take(SimWorld world, SentRecord record, Outcome<ProduceResponse> outcome)
    {
        if (!outcome.HasResponse)
        {
            if (!outcome.Failure.IsRetriable)
                world.Violations.Add("P21 calls end", $"{record} ended as {outcome.Failure}");
            return;
        }
        var answer = outcome.Response.Responses[0].PartitionResponses[0];
        if (answer.ErrorCode is ErrorCode.None or ErrorCode.DuplicateSequenceNumber)
            record.Acknowledge(record.Partition, answer.BaseOffset, world.Scheduler.Now);
        else if (!answer.ErrorCode.IsRetriable() && answer.ErrorCode != ErrorCode.TopicAuthorizationFailed)
            world.Violations.Add("P20 wire", $"{record} was refused with {answer.ErrorCode}");
    }

    static Task<Outcome<TResponse>> AskAsync<TRequest, TResponse>(
        KafkaClient client, TRequest body, RequestTarget target, LaneKey lane, short maxVersion)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        // The outcome comes inside a turn, where no user code may run.
        var ended = new TaskCompletionSource<Outcome<TResponse>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = new Exchange<TRequest, TResponse>(body, ended.SetResult) { MaxVersion = maxVersion, Timeout = client.Runtime.Options.RequestTimeout };
        client.Runtime.Post(new Ask(client.Runtime.Cluster, request, target, lane));
        return ended.Task;
    }

    sealed class Watch(ClusterMachine cluster) : LoopCall
    {
        public override void Run(Instant now, Effects effects) => cluster.Watch(Topic);
    }

    sealed class Refresh(ClusterMachine cluster, long generation) : LoopCall
    {
        public override void Run(Instant now, Effects effects) => cluster.Refresh(generation);
    }

    sealed class Ask(ClusterMachine cluster, BrokerRequest request, RequestTarget target, LaneKey lane) : LoopCall
    {
        public override void Run(Instant now, Effects effects) => cluster.Send(request, target, lane);
    }
}
