using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Serialization;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Runs;
using NetKafka.Testing.Internal;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Every error code, in the answer of every API that producers and transactions use, once or for good, in place of the work or after it was
/// done: each call ends by its deadline, as done or with an exception that a user can act on, and what it says is what the log holds.
/// </summary>
public sealed class ErrorSweepTests
{
    const string Topic = "orders";
    const string Group = "g";
    const int Records = 4;

    public static TheoryData<ApiKey> Apis { get; } =
    [
        ApiKey.Produce, ApiKey.InitProducerId, ApiKey.FindCoordinator, ApiKey.AddPartitionsToTxn, ApiKey.AddOffsetsToTxn, ApiKey.EndTxn,
        ApiKey.TxnOffsetCommit,
    ];

    [Theory]
    [MemberData(nameof(Apis))]
    public void Every_error_of_an_API_ends_a_transaction_in_time_as_done_or_with_a_typed_error(ApiKey api)
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            for (var version = 1; version <= 2; version++)
            {
                Run(api, new Fault { Error = code }, version, lasts: false, isTransactional: true);
                Run(api, new Fault { Error = code }, version, lasts: true, isTransactional: true);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Apis))]
    public void Error_that_comes_after_the_work_was_done_tears_nothing(ApiKey api)
    {
        foreach (var code in (ErrorCode[])[.. PassingErrors.After(api), ErrorCode.UnknownServerError])
        {
            for (var version = 1; version <= 2; version++)
            {
                Run(api, new Fault { ErrorAfter = code }, version, lasts: false, isTransactional: true);
                Run(api, new Fault { ErrorAfter = code }, version, lasts: true, isTransactional: true);
            }
        }
    }

    [Theory]
    [InlineData(ApiKey.Produce)]
    [InlineData(ApiKey.InitProducerId)]
    public void Every_error_of_an_API_ends_plain_records_in_time_as_written_or_with_a_typed_error(ApiKey api)
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            Run(api, new Fault { Error = code }, version: 2, lasts: false, isTransactional: false);
            Run(api, new Fault { Error = code }, version: 2, lasts: true, isTransactional: false);
        }
    }

    static void Run(ApiKey api, Fault fault, int version, bool lasts, bool isTransactional)
    {
        var code = fault.Error ?? fault.ErrorAfter ?? ErrorCode.None;
        if (code == ErrorCode.None)
            return;
        // A broker that says so has the batch.
        if (code == ErrorCode.DuplicateSequenceNumber && api == ApiKey.Produce)
            fault = new Fault { ErrorAfter = code };
        var world = new SimWorld((ulong)(ushort)code, null);
        world.Machine.Settings.ApiVersionLimits.Clear();
        world.Machine.Settings.TransactionVersion = (short)version;
        world.CreateTopic(Topic, 2, 3);
        world.Machine.Faults = new OneError(api, fault, lasts);
        var application = new Application(world, isTransactional);
        world.Scheduler.Run(application.RunAsync, TimeSpan.FromMinutes(10).Ticks);
        var what = $"{code} of {api} (version {version}, {(lasts ? "for good" : "once")}, {(fault.ErrorAfter is null ? "before" : "after")} the work)";
        Assert.True(world.Violations.Kept.Count == 0, $"{what}: {string.Join("; ", world.Violations.Kept)}");
        application.Check(what);
    }

    /// <summary>Some records, in a transaction with an offset or plain, and what it was told of each call.</summary>
    sealed class Application(SimWorld world, bool isTransactional)
    {
        readonly List<Exception?> _ended = [];
        readonly HashSet<int> _acknowledged = [];
        readonly HashSet<int> _absent = [];
        bool _hasOffsets;
        bool _isCommitted;
        bool _isAborted;

        public async Task RunAsync()
        {
            var client = world.CreateClient("client");
            var producer = client.CreateProducer<Nothing, byte[]>(new ProducerOptions
            {
                TransactionalId = isTransactional ? "txn" : null, MaxBlock = TimeSpan.FromSeconds(10), DeliveryTimeout = TimeSpan.FromSeconds(20),
            });
            if (!isTransactional)
            {
                await ProduceAsync(producer);
            }
            else if (await Ends(() => producer.BeginTransactionAsync()))
            {
                await ProduceAsync(producer);
                _hasOffsets = await Ends(() => producer.SendOffsetsToTransactionAsync(
                    [new TopicPartitionOffset(Topic, 0, 1)], new ConsumerGroupMetadata(Group, "", -1, null)));
                _isCommitted = await Ends(() => producer.CommitTransactionAsync());
                _isAborted = !_isCommitted && await Ends(() => producer.AbortTransactionAsync());
            }
            // Markers, and what replicas copy, take their time.
            await world.Pause(TimeSpan.FromSeconds(1));
            await producer.DisposeAsync();
            await client.DisposeAsync();
        }

        /// <summary>What was told is what the log holds.</summary>
        public void Check(string what)
        {
            Assert.All(_ended, error => Assert.True(error is null or KafkaException, $"{what} ended a call with {error}"));
            var log = world.ReadLog().Records.Where(static record => record.Topic == Topic).ToList();
            Assert.All(_absent, id => Assert.True(log.TrueForAll(record => record.Value![0] != id), $"{what}: record {id} is in the log, and was said not to be"));
            var shown = log.Where(world.Shows).Select(static record => (int)record.Value![0]).ToList();
            if (!isTransactional || _isCommitted)
                Assert.All(_acknowledged, id => Assert.True(shown.Count(other => other == id) == 1, $"{what}: record {id} was acknowledged and shows {shown.Count(other => other == id)} times"));
            if (_isCommitted)
                Assert.True(shown.Count == _acknowledged.Count, $"{what}: {shown.Count} records show, and {_acknowledged.Count} were acknowledged");
            if (_isCommitted && _hasOffsets)
                Assert.True(world.CommittedOffset(Group, Topic, 0) == 1, $"{what}: the offset is not committed");
            if (_isAborted)
                Assert.True(shown.Count == 0 && world.CommittedOffset(Group, Topic, 0) == -1, $"{what}: something of an aborted transaction shows");
        }

        Task ProduceAsync(Producer<Nothing, byte[]> producer) => Task.WhenAll(Enumerable.Range(0, Records).Select(id => ProduceAsync(producer, id)));

        async Task ProduceAsync(Producer<Nothing, byte[]> producer, int id)
        {
            var value = new byte[20];
            value[0] = (byte)id;
            var error = await EndAsync(async () => await producer.ProduceAsync(new ProducerRecord<Nothing, byte[]>(Topic, default, value) { Partition = id % 2 }));
            if (error is null)
                _acknowledged.Add(id);
            else if (error is ProduceException { Fate: RecordFate.NotWritten } or KafkaAuthorizationException { Fate: RecordFate.NotWritten })
                _absent.Add(id);
        }

        async Task<bool> Ends(Func<ValueTask> call) => await EndAsync(call) is null;

        async Task<Exception?> EndAsync(Func<ValueTask> call)
        {
            try
            {
                await call();
                _ended.Add(null);
                return null;
            }
            catch (Exception error)
            {
                _ended.Add(error);
                return error;
            }
        }
    }

    /// <summary>One API answers with an error, once or always.</summary>
    sealed class OneError(ApiKey api, Fault fault, bool lasts) : IFaults
    {
        bool _isOver;

        public Fault OnRequest(in RequestInfo request, long nowMs)
        {
            if (request.ApiKey != api || _isOver)
                return default;
            _isOver = !lasts;
            return fault;
        }
    }
}
