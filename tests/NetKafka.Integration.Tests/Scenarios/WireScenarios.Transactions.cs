using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>
/// Transactions: who may write and end one, what its end leaves, and what becomes of those that never end. Of clusters with
/// transaction.version 2, in which each end raises the epoch (KIP-890).
/// </content>
public abstract partial class WireScenarios
{
    const short AddPartitionsVersion = 3;
    const short AddOffsetsVersion = 3;
    const short OldProduce = 10;
    const short AbortableProduce = 11;
    const short NewProduce = 12;
    const short OldEnd = 4;
    const short NewEnd = 5;
    const short OldTxnOffsetCommit = 4;
    const short NewTxnOffsetCommit = 5;

    [Fact, Trait("Area", "Wire")]
    public async Task Each_producer_of_a_transactional_id_has_a_higher_epoch_and_fences_those_before_it()
    {
        await using var it = await BeginTransactional();
        var first = await Init(it);
        var second = await Init(it);
        Assert.Equal((first.Id, first.Epoch + 1), (second.Id, second.Epoch));
        Assert.Equal(ErrorCode.None, await ProduceInto(it, second, 0));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await ProduceInto(it, first, 0));
        Assert.Equal(ErrorCode.ProducerFenced, (await End(it, first, commits: true)).ErrorCode);
        Assert.Equal(ErrorCode.ProducerFenced, await AddPartitions(it, first));
        Assert.Equal(ErrorCode.ProducerFenced, await AddOffsets(it, first));
        // Whoever asks: what is open is aborted first.
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await AskInit(it, first, 60_000)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Producer_that_names_its_epoch_goes_on_with_the_next()
    {
        await using var it = await BeginTransactional();
        var first = await Init(it);
        var second = await AskInit(it, first, 60_000);
        Assert.Equal((ErrorCode.None, first.Id, (short)(first.Epoch + 1)), (second.ErrorCode, second.ProducerId, second.ProducerEpoch));
        // The answer may have been lost.
        var again = await AskInit(it, first, 60_000);
        Assert.Equal((ErrorCode.None, second.ProducerEpoch), (again.ErrorCode, again.ProducerEpoch));
        Assert.Equal(ErrorCode.ProducerFenced, (await AskInit(it, first with { Id = first.Id + 1_000_000 }, 60_000)).ErrorCode);
    }

    [Theory, Trait("Area", "Wire")]
    [InlineData("", 60_000, ErrorCode.InvalidRequest)]
    [InlineData("id", 0, ErrorCode.InvalidTransactionTimeout)]
    [InlineData("id", int.MaxValue, ErrorCode.InvalidTransactionTimeout)]
    public async Task Transactional_id_without_a_name_and_a_timeout_out_of_bounds_are_refused(string id, int timeoutMs, ErrorCode error)
    {
        await using var it = await BeginTransactional();
        var answer = await it.Wire.AskTransactionCoordinator<InitProducerIdRequest, InitProducerIdResponse>(
            it.Group, new InitProducerIdRequest { TransactionalId = id.Length == 0 ? "" : it.Group, TransactionTimeoutMs = timeoutMs }, InitProducerIdVersion);
        Assert.Equal((error, -1L), (answer.ErrorCode, answer.ProducerId));
    }

    [Theory, Trait("Area", "Wire")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_raises_the_epoch_and_is_answered_again_as_it_was(bool commits)
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        Assert.Equal(ErrorCode.None, await ProduceInto(it, producer, 0));
        Assert.Equal((1L, 0L), await Offsets(it));
        var next = await EndAnd(it, producer, commits);
        Assert.Equal((producer.Id, producer.Epoch + 1), (next.Id, next.Epoch));
        await Wait.Until(async () => await Offsets(it) == (2L, 2L), "the marker", TestContext.Current.CancellationToken);
        Assert.Equal(next, await EndAnd(it, producer, commits));
        Assert.Equal(ErrorCode.InvalidTxnState, (await End(it, producer, !commits)).ErrorCode);
        Assert.Equal((2L, 2L), await Offsets(it));
        // What comes late under the old epoch is not written; the new one goes on.
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await ProduceInto(it, producer, 1));
        Assert.Equal(ErrorCode.None, await ProduceInto(it, next, 0));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Nothing_cannot_be_committed_and_its_abort_raises_the_epoch()
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        Assert.Equal(ErrorCode.InvalidTxnState, (await End(it, producer, commits: true)).ErrorCode);
        var next = await EndAnd(it, producer, commits: false);
        Assert.Equal((producer.Id, producer.Epoch + 1), (next.Id, next.Epoch));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Older_producers_add_a_partition_before_they_write()
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        Assert.Equal(ErrorCode.InvalidTxnState, await ProduceInto(it, producer, 0, OldProduce));
        Assert.Equal(ErrorCode.TransactionAbortable, await ProduceInto(it, producer, 0, AbortableProduce));
        Assert.Equal(ErrorCode.None, await AddPartitions(it, producer));
        Assert.Equal(ErrorCode.None, await ProduceInto(it, producer, 0, OldProduce));
        Assert.Equal(ErrorCode.None, (await End(it, producer, commits: true, OldEnd)).ErrorCode);
        await Wait.Until(async () => await Offsets(it) == (2L, 2L), "the marker", TestContext.Current.CancellationToken);
        // The epoch stays, and so do the numbers.
        Assert.Equal(ErrorCode.None, await AddPartitions(it, producer));
        Assert.Equal(ErrorCode.None, await ProduceInto(it, producer, 1, OldProduce));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partition_that_is_unknown_keeps_the_others_out_of_the_transaction()
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        var answer = await it.Wire.AskTransactionCoordinator<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            it.Group, AddOf(it, producer, [0, 9]), AddPartitionsVersion);
        Assert.Equal(
            [(0, ErrorCode.OperationNotAttempted), (9, ErrorCode.UnknownTopicOrPartition)],
            answer.ResultsByTopicV3AndBelow.Single().ResultsByPartition.Select(static row => (row.PartitionIndex, row.PartitionErrorCode)).Order());
        Assert.Equal(ErrorCode.TransactionAbortable, await ProduceInto(it, producer, 0, AbortableProduce));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Transactional_id_or_producer_id_that_nobody_knows_is_no_mapping()
    {
        await using var it = await BeginTransactional();
        var stranger = new Writer(1_000_000_000, 0);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, (await End(it, stranger, commits: true)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await AddPartitions(it, stranger));
        await Init(it);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, (await End(it, stranger, commits: false)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await AddOffsets(it, stranger));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await ProduceInto(it, stranger, 0));
    }

    [Theory, Trait("Area", "Wire")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Offsets_count_once_their_transaction_is_committed(bool commits)
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        Assert.Equal(ErrorCode.None, await CommitInto(it, producer, 7));
        Assert.Equal((ErrorCode.UnstableOffsetCommit, -1L), await StableOffset(it));
        Assert.Equal(-1, await Committed(it));
        await EndAnd(it, producer, commits);
        await Wait.Until(async () => (await StableOffset(it)).Error == ErrorCode.None, "the end of the offsets", TestContext.Current.CancellationToken);
        Assert.Equal((ErrorCode.None, commits ? 7L : -1L), await StableOffset(it));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Older_producers_add_a_group_before_they_commit_for_it()
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        Assert.Equal(ErrorCode.None, await AddOffsets(it, producer));
        Assert.Equal(ErrorCode.None, await CommitInto(it, producer, 3, OldTxnOffsetCommit));
        Assert.Equal(ErrorCode.None, (await End(it, producer, commits: true, OldEnd)).ErrorCode);
        await Wait.Until(async () => await Committed(it) == 3, "the committed offset", TestContext.Current.CancellationToken);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Offsets_of_a_member_that_is_none_are_refused()
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it);
        var member = await BecomeMember(it);
        Assert.Equal(ErrorCode.UnknownMemberId, await CommitInto(it, producer, 1, generation: 1, member: "nobody"));
        Assert.Equal(ErrorCode.IllegalGeneration, await CommitInto(it, producer, 1, generation: 2, member: member));
        Assert.Equal(ErrorCode.None, await CommitInto(it, producer, 1, generation: 1, member: member));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Transaction_that_takes_too_long_is_aborted_and_its_producer_may_go_on_after_an_abort()
    {
        await using var it = await BeginTransactional();
        var producer = await Init(it, timeoutMs: 500);
        Assert.Equal(ErrorCode.None, await ProduceInto(it, producer, 0));
        // Brokers look for such transactions every ten seconds.
        await Wait.Until(async () => await Offsets(it) == (2L, 2L), "the abort", TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await ProduceInto(it, producer, 1));
        Assert.Equal(ErrorCode.InvalidTxnState, (await End(it, producer, commits: true)).ErrorCode);
        var next = await EndAnd(it, producer, commits: false);
        Assert.Equal(ErrorCode.None, await ProduceInto(it, next, 0));
    }

    /// <summary>A producer's id and epoch.</summary>
    readonly record struct Writer(long Id, short Epoch);

    /// <summary>The bench's group is its transactional id too. Coordinators that have just begun say so for a while.</summary>
    async Task<Bench> BeginTransactional()
    {
        var it = await BeginGroup();
        await Wait.Until(
            async () => (await End(it, new Writer(1, 0), commits: false)).ErrorCode == ErrorCode.InvalidProducerIdMapping, $"the coordinator of {it.Group}",
            TestContext.Current.CancellationToken);
        return it;
    }

    static Task<InitProducerIdResponse> AskInit(Bench it, Writer expected, int timeoutMs) =>
        it.Wire.AskTransactionCoordinator<InitProducerIdRequest, InitProducerIdResponse>(it.Group, new InitProducerIdRequest
        {
            TransactionalId = it.Group, TransactionTimeoutMs = timeoutMs, ProducerId = expected.Id, ProducerEpoch = expected.Epoch,
        }, InitProducerIdVersion);

    static async Task<Writer> Init(Bench it, int timeoutMs = 60_000)
    {
        InitProducerIdResponse answer = new();
        await Wait.Until(async () =>
        {
            answer = await AskInit(it, new Writer(-1, -1), timeoutMs);
            return answer.ErrorCode is not (ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorLoadInProgress);
        }, "a producer id", TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return new Writer(answer.ProducerId, answer.ProducerEpoch);
    }

    /// <summary>Writes one record, once the topic's leader is ready and the markers of the transaction before are written.</summary>
    static async Task<ErrorCode> ProduceInto(Bench it, Writer producer, int sequence, short version = NewProduce)
    {
        var error = ErrorCode.None;
        await Wait.Until(async () =>
        {
            error = (await it.Wire.Produce(
                it.Topic, RawWire.Batch(1, producer.Id, producer.Epoch, sequence, isTransactional: true), transactionalId: it.Group, version: version)).ErrorCode;
            return error is not (ErrorCode.ConcurrentTransactions or ErrorCode.NotEnoughReplicas or ErrorCode.NotLeaderOrFollower);
        }, "the markers", TestContext.Current.CancellationToken);
        return error;
    }

    static Task<EndTxnResponse> End(Bench it, Writer producer, bool commits, short version = NewEnd) =>
        it.Wire.AskTransactionCoordinator<EndTxnRequest, EndTxnResponse>(it.Group, new EndTxnRequest
        {
            TransactionalId = it.Group, ProducerId = producer.Id, ProducerEpoch = producer.Epoch, Committed = commits,
        }, version);

    /// <summary>Ends a transaction, once its markers are written.</summary>
    static async Task<Writer> EndAnd(Bench it, Writer producer, bool commits)
    {
        EndTxnResponse answer = new();
        await Wait.Until(async () =>
        {
            answer = await End(it, producer, commits);
            return answer.ErrorCode != ErrorCode.ConcurrentTransactions;
        }, "the end of the transaction", TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return new Writer(answer.ProducerId, answer.ProducerEpoch);
    }

    static AddPartitionsToTxnRequest AddOf(Bench it, Writer producer, int[] partitions) => new()
    {
        V3AndBelowTransactionalId = it.Group,
        V3AndBelowProducerId = producer.Id,
        V3AndBelowProducerEpoch = producer.Epoch,
        V3AndBelowTopics = [new() { Name = it.Topic, Partitions = partitions }],
    };

    static async Task<ErrorCode> AddPartitions(Bench it, Writer producer)
    {
        var error = ErrorCode.None;
        await Wait.Until(async () =>
        {
            var answer = await it.Wire.AskTransactionCoordinator<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                it.Group, AddOf(it, producer, [0]), AddPartitionsVersion);
            error = answer.ResultsByTopicV3AndBelow.Single().ResultsByPartition.Single().PartitionErrorCode;
            return error != ErrorCode.ConcurrentTransactions;
        }, "the markers", TestContext.Current.CancellationToken);
        return error;
    }

    static async Task<ErrorCode> AddOffsets(Bench it, Writer producer) =>
        (await it.Wire.AskTransactionCoordinator<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(it.Group, new AddOffsetsToTxnRequest
        {
            TransactionalId = it.Group, ProducerId = producer.Id, ProducerEpoch = producer.Epoch, GroupId = it.Group,
        }, AddOffsetsVersion)).ErrorCode;

    static async Task<ErrorCode> CommitInto(
        Bench it, Writer producer, long offset, short version = NewTxnOffsetCommit, int generation = -1, string member = "") =>
        (await it.Wire.AskCoordinator<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(it.Group, new TxnOffsetCommitRequest
        {
            TransactionalId = it.Group,
            GroupId = it.Group,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            GenerationIdOrMemberEpoch = generation,
            MemberId = member,
            Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset }] }],
        }, version)).Topics.Single().Partitions.Single().ErrorCode;

    static async Task<(ErrorCode Error, long Offset)> StableOffset(Bench it)
    {
        var answer = await it.Wire.AskCoordinator<OffsetFetchRequest, OffsetFetchResponse>(it.Group, new OffsetFetchRequest
        {
            GroupId = it.Group, RequireStable = true, Topics = [new() { Name = it.Topic, PartitionIndexes = [0] }],
        }, OffsetFetchVersion);
        var row = answer.Topics.Single().Partitions.Single();
        return (row.ErrorCode, row.CommittedOffset);
    }

    /// <summary>Where the log ends, and where it ends for readers of committed records.</summary>
    static async Task<(long End, long Stable)> Offsets(Bench it)
    {
        var read = await Fetch(it, 0);
        return (read.HighWatermark, read.LastStableOffset);
    }
}
