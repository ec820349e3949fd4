using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Internal.Transactions;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>The coordinator of transactions: ids and epochs, what is in a transaction, and how it ends (KIP-98, KIP-360, KIP-890).</summary>
public sealed class TransactionTests
{
    const string Id = "payments-1";
    const string Topic = "payments";
    const string Group = "risk";
    const short OldInit = 3;
    const short Init = 5;
    const short OldProduce = 11;
    const short NewProduce = 12;
    const short OldEnd = 4;
    const short NewEnd = 5;

    readonly MachineDriver driver = new();
    readonly Partition partition;
    readonly int connection;

    public TransactionTests()
    {
        partition = driver.CreateTopic(Topic).Partitions[0];
        connection = driver.Connect();
    }

    TransactionEntry Entry => driver.Cluster.Transactions.Find(Id)!;

    [Fact]
    public void Producer_keeps_its_id_and_gets_the_next_epoch_each_time_it_begins()
    {
        var first = Begin();
        var second = Begin();
        Assert.Equal((first.Id, first.Epoch + 1), (second.Id, second.Epoch));
        Assert.NotEqual(first.Id, Given(Ask(new InitProducerIdRequest { TransactionalId = "other", TransactionTimeoutMs = 1_000 }, Init)).Id);
    }

    [Fact]
    public void Producer_that_goes_on_gets_the_next_epoch_and_may_ask_twice_and_one_before_it_is_fenced()
    {
        var first = Begin();
        var second = Begin(first);
        Assert.Equal(second, Begin(first));
        Assert.Equal(first.Epoch + 1, second.Epoch);

        var third = Begin();
        Assert.Equal(ErrorCode.ProducerFenced, AskInit(first, Init).ErrorCode);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, AskInit(first, OldInit).ErrorCode);
        Assert.Equal(third.Epoch + 1, Begin(third).Epoch);
    }

    [Fact]
    public void Used_up_epochs_lead_to_another_id()
    {
        var first = Begin();
        Entry.Epoch = TransactionEntry.LastUsedEpoch;
        var next = Begin(first with { Epoch = TransactionEntry.LastUsedEpoch });
        Assert.NotEqual(first.Id, next.Id);
        Assert.Equal(0, next.Epoch);
        Assert.Equal(next, Begin(first with { Epoch = TransactionEntry.LastUsedEpoch }));
    }

    [Theory]
    [InlineData("", 1_000, ErrorCode.InvalidRequest)]
    [InlineData(Id, 0, ErrorCode.InvalidTransactionTimeout)]
    [InlineData(Id, 900_001, ErrorCode.InvalidTransactionTimeout)]
    [InlineData(Id, 900_000, ErrorCode.None)]
    public void Bad_ids_and_timeouts_are_refused(string id, int timeoutMs, ErrorCode expected) =>
        Assert.Equal(expected, Ask(new InitProducerIdRequest { TransactionalId = id, TransactionTimeoutMs = timeoutMs }, Init).ErrorCode);

    [Fact]
    public void Committed_records_are_stable_once_the_marker_is_there()
    {
        var producer = Begin();
        Assert.Equal(ErrorCode.None, Produce(producer, 0));
        Assert.Equal((1, 0), (partition.HighWatermark, partition.LastStableOffset));
        Assert.Equal(ErrorCode.None, End(producer, commits: true, NewEnd).ErrorCode);
        Assert.Equal((2, 2), (partition.HighWatermark, partition.LastStableOffset));
        Assert.Empty(partition.Log.Producers.Aborted);
    }

    [Fact]
    public void Aborted_records_are_named_and_the_abort_raises_the_epoch()
    {
        var producer = Begin();
        Produce(producer, 0);
        var answer = End(producer, commits: false, NewEnd);
        Assert.Equal((ErrorCode.None, producer.Id, (short)(producer.Epoch + 1)), (answer.ErrorCode, answer.ProducerId, answer.ProducerEpoch));
        Assert.Equal(0, Assert.Single(partition.Log.Producers.Aborted).FirstOffset);

        Assert.Equal(ErrorCode.InvalidProducerEpoch, Produce(producer, 1));
        Assert.Equal(ErrorCode.None, Produce(new ProducerIdentity(answer.ProducerId, answer.ProducerEpoch), 0));
    }

    [Fact]
    public void End_that_is_asked_for_again_is_answered_again_and_another_end_is_refused()
    {
        var producer = Begin();
        Produce(producer, 0);
        var first = End(producer, commits: true, NewEnd);
        var again = End(producer, commits: true, NewEnd);
        Assert.Equal((first.ErrorCode, first.ProducerEpoch), (again.ErrorCode, again.ProducerEpoch));
        Assert.Equal(ErrorCode.InvalidTxnState, End(producer, commits: false, NewEnd).ErrorCode);
        Assert.Equal(2, partition.Log.EndOffset);
    }

    [Fact]
    public void In_version_1_the_epoch_stays_and_a_late_end_hits_the_next_transaction()
    {
        driver.Machine.Settings.TransactionVersion = 1;
        var producer = Begin();
        Add(producer);
        Produce(producer, 0, OldProduce);
        Assert.Equal(ErrorCode.None, End(producer, commits: true, OldEnd).ErrorCode);
        Assert.Equal(producer.Epoch, Entry.Epoch);
        Add(producer);
        Produce(producer, 1, OldProduce);
        Assert.Equal(ErrorCode.None, End(producer, commits: true, OldEnd).ErrorCode);
        Assert.Equal(4, partition.LastStableOffset);
    }

    [Fact]
    public void In_version_1_what_was_not_added_is_not_written()
    {
        var producer = Begin();
        Assert.Equal(ErrorCode.TransactionAbortable, Produce(producer, 0, OldProduce));
        Assert.Equal(ErrorCode.InvalidTxnState, Produce(producer, 0, 10));
        Add(producer);
        Assert.Equal(ErrorCode.None, Produce(producer, 0, OldProduce));
    }

    [Fact]
    public void In_version_2_an_abort_of_nothing_raises_the_epoch_and_a_commit_of_nothing_is_refused()
    {
        var producer = Begin();
        Assert.Equal(ErrorCode.InvalidTxnState, End(producer, commits: true, NewEnd).ErrorCode);
        Assert.Equal(producer.Epoch + 1, End(producer, commits: false, NewEnd).ProducerEpoch);
    }

    [Fact]
    public void In_version_2_used_up_epochs_end_in_another_id()
    {
        var producer = Begin() with { Epoch = TransactionEntry.LastUsedEpoch };
        Entry.Epoch = producer.Epoch;
        Produce(producer, 0);
        var answer = End(producer, commits: true, NewEnd);
        Assert.NotEqual(producer.Id, answer.ProducerId);
        Assert.Equal(0, answer.ProducerEpoch);
        Assert.Equal(answer.ProducerId, End(producer, commits: true, NewEnd).ProducerId);
        Assert.Equal(ErrorCode.None, Produce(new ProducerIdentity(answer.ProducerId, 0), 0));
    }

    [Theory]
    [InlineData(1, ErrorCode.ProducerFenced, ErrorCode.ProducerFenced)]
    [InlineData(2, ErrorCode.InvalidTxnState, ErrorCode.None)]
    public void Transaction_that_takes_too_long_is_aborted(short version, ErrorCode commit, ErrorCode abort)
    {
        driver.Machine.Settings.TransactionVersion = version;
        var producer = Begin();
        Add(producer);
        Produce(producer, 0, OldProduce);
        driver.Pass(1_000);

        Assert.Equal(TransactionState.CompleteAbort, Entry.State);
        Assert.Single(partition.Log.Producers.Aborted);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Produce(producer, 1, OldProduce));
        var end = version == 2 ? NewEnd : OldEnd;
        Assert.Equal(commit, End(producer, commits: true, end).ErrorCode);
        Assert.Equal(abort, End(producer, commits: false, end).ErrorCode);
    }

    [Fact]
    public void Producer_that_begins_while_its_predecessor_is_in_a_transaction_waits_for_its_abort()
    {
        driver.Machine.Settings.TransactionMarkerDelayMs = 20;
        var producer = Begin();
        Produce(producer, 0);
        Assert.Equal(ErrorCode.ConcurrentTransactions, AskInit(ProducerIdentity.None, Init).ErrorCode);
        Assert.Equal(ErrorCode.ConcurrentTransactions, AskInit(ProducerIdentity.None, Init).ErrorCode);
        driver.Pass(20);
        var next = Begin();
        Assert.True(next.Epoch > producer.Epoch + 1);
        Assert.Single(partition.Log.Producers.Aborted);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Produce(producer, 1));
    }

    [Fact]
    public void While_markers_are_written_nothing_is_taken_into_the_next_transaction()
    {
        driver.Machine.Settings.TransactionMarkerDelayMs = 20;
        var producer = Begin();
        Produce(producer, 0);
        var answer = End(producer, commits: true, NewEnd);
        var next = new ProducerIdentity(answer.ProducerId, answer.ProducerEpoch);
        Assert.Equal(ErrorCode.ConcurrentTransactions, End(producer, commits: true, NewEnd).ErrorCode);
        Assert.Equal(ErrorCode.ConcurrentTransactions, Produce(next, 0));
        driver.Pass(20);
        Assert.Equal(ErrorCode.None, Produce(next, 0));
    }

    [Fact]
    public void Marker_waits_for_a_leader()
    {
        var cluster = new MachineDriver(brokers: 2);
        var single = cluster.CreateTopic(Topic, replicas: 1).Partitions[0];
        var node = single.Leader;
        cluster.Machine.Operate(cluster.NowMs, state =>
        {
            state.Transactions.Init(Id, 1_000, ProducerIdentity.None, cluster.NowMs, out var producer);
            state.Transactions.AddPartitions(Id, producer, [(Topic, 0)], cluster.NowMs);
            state.StopBroker(node, cluster.NowMs);
            state.Transactions.End(Id, producer, commits: true, isVersion2: true, cluster.NowMs, out _);
        });
        Assert.Equal(TransactionState.PrepareCommit, cluster.Cluster.Transactions.Find(Id)!.State);
        cluster.Machine.Operate(cluster.NowMs, state => state.StartBroker(node, cluster.NowMs));
        cluster.Pass(10);
        Assert.Equal((TransactionState.CompleteCommit, 1), (cluster.Cluster.Transactions.Find(Id)!.State, single.Log.EndOffset));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(5, false)]
    public void Offsets_count_with_the_commit_of_their_transaction_alone(short version, bool commits)
    {
        var producer = Begin();
        if (version < 5)
        {
            Assert.Equal(ErrorCode.InvalidTxnState, CommitOffset(producer, 7, version));
            Assert.Equal(ErrorCode.None, Ask(
                new AddOffsetsToTxnRequest { TransactionalId = Id, ProducerId = producer.Id, ProducerEpoch = producer.Epoch, GroupId = Group }, 4).ErrorCode);
        }

        Assert.Equal(ErrorCode.None, CommitOffset(producer, 7, version));
        Assert.Equal((ErrorCode.UnstableOffsetCommit, -1), Offset(isStable: true));
        Assert.Equal((ErrorCode.None, -1), Offset(isStable: false));
        End(producer, commits, NewEnd);
        Assert.Equal((ErrorCode.None, commits ? 7 : -1), Offset(isStable: true));
    }

    [Fact]
    public void Offsets_of_a_member_that_is_none_or_of_another_epoch_are_refused()
    {
        var producer = Begin();
        Assert.Equal(ErrorCode.IllegalGeneration, CommitOffset(producer, 7, 5, generation: 3, member: "m"));
        Assert.Equal(ErrorCode.None, CommitOffset(producer, 7, 5));
        Assert.Equal(ErrorCode.UnknownMemberId, CommitOffset(producer, 7, 5, generation: 0, member: "m"));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, CommitOffset(producer with { Epoch = 9 }, 7, 5));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, CommitOffset(producer with { Id = 99 }, 7, 5));
    }

    [Fact]
    public void Unknown_partition_takes_no_other_into_the_transaction()
    {
        var producer = Begin();
        var request = AddOf(producer);
        request.V3AndBelowTopics = [new() { Name = Topic, Partitions = [0, 5] }];
        var results = Ask(request, 3).ResultsByTopicV3AndBelow[0].ResultsByPartition;
        Assert.Equal([ErrorCode.OperationNotAttempted, ErrorCode.UnknownTopicOrPartition], results.Select(result => result.PartitionErrorCode));
        Assert.Equal(TransactionState.Empty, Entry.State);
    }

    [Fact]
    public void Broker_that_verifies_hears_what_is_in_the_transaction_and_changes_nothing()
    {
        var producer = Begin();
        Assert.Equal(ErrorCode.TransactionAbortable, Verify());
        Add(producer);
        Assert.Equal(ErrorCode.None, Verify());

        ErrorCode Verify()
        {
            var request = new AddPartitionsToTxnRequest
            {
                Transactions =
                [
                    new()
                    {
                        TransactionalId = Id, ProducerId = producer.Id, ProducerEpoch = producer.Epoch, VerifyOnly = true,
                        Topics = [new() { Name = Topic, Partitions = [0] }],
                    },
                ],
            };
            return Ask(request, 5).ResultsByTransaction[0].TopicResults[0].ResultsByPartition[0].PartitionErrorCode;
        }
    }

    [Fact]
    public void Coordinator_is_found_and_another_broker_says_that_it_is_not_it()
    {
        var cluster = new MachineDriver(brokers: 2);
        var node = cluster.Ask(cluster.Connect(), new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [Id] }, 4).Coordinators[0].NodeId;
        Assert.Equal(cluster.Cluster.Transactions.Slots.CoordinatorOf(Id), node);
        var other = cluster.Connect(3 - node);
        Assert.Equal(ErrorCode.NotCoordinator, cluster.Ask(
            other, new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 1_000 }, Init).ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, cluster.Ask(other, new EndTxnRequest { TransactionalId = Id }, NewEnd).ErrorCode);
        Assert.Equal(ErrorCode.None, cluster.Ask(
            cluster.Connect(node), new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 1_000 }, Init).ErrorCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Level_of_the_feature_is_announced(short level)
    {
        driver.Machine.Settings.TransactionVersion = level;
        var features = Ask(new ApiVersionsRequest(), 3).FinalizedFeatures.Where(feature => feature.Name == "transaction.version");
        Assert.Equal(level == 0 ? [] : [level], features.Select(feature => feature.MaxVersionLevel));
    }

    TResponse Ask<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse> => driver.Ask(connection, request, version);

    InitProducerIdResponse AskInit(ProducerIdentity expected, short version) => Ask(
        new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 1_000, ProducerId = expected.Id, ProducerEpoch = expected.Epoch }, version);

    ProducerIdentity Begin() => Begin(ProducerIdentity.None);

    ProducerIdentity Begin(ProducerIdentity expected) => Given(AskInit(expected, Init));

    static ProducerIdentity Given(InitProducerIdResponse answer)
    {
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return new ProducerIdentity(answer.ProducerId, answer.ProducerEpoch);
    }

    AddPartitionsToTxnRequest AddOf(ProducerIdentity producer) => new()
    {
        V3AndBelowTransactionalId = Id,
        V3AndBelowProducerId = producer.Id,
        V3AndBelowProducerEpoch = producer.Epoch,
        V3AndBelowTopics = [new() { Name = Topic, Partitions = [0] }],
    };

    void Add(ProducerIdentity producer) =>
        Assert.Equal(ErrorCode.None, Ask(AddOf(producer), 3).ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);

    ErrorCode Produce(ProducerIdentity producer, int sequence, short version = NewProduce)
    {
        var batch = Batches.Create(["a"], driver.WallClockMs, producer.Id, producer.Epoch, sequence, transactional: true);
        var request = Requests.ProduceOf(Topic, batch);
        request.TransactionalId = Id;
        return Ask(request, version).Responses[0].PartitionResponses[0].ErrorCode;
    }

    EndTxnResponse End(ProducerIdentity producer, bool commits, short version) => Ask(
        new EndTxnRequest { TransactionalId = Id, ProducerId = producer.Id, ProducerEpoch = producer.Epoch, Committed = commits }, version);

    ErrorCode CommitOffset(ProducerIdentity producer, long offset, short version, int generation = -1, string member = "")
    {
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = Id, GroupId = Group, ProducerId = producer.Id, ProducerEpoch = producer.Epoch, GenerationIdOrMemberEpoch = generation,
            MemberId = member, Topics = [new() { Name = Topic, Partitions = [new() { CommittedOffset = offset }] }],
        };
        return Ask(request, version).Topics[0].Partitions[0].ErrorCode;
    }

    (ErrorCode Error, long Offset) Offset(bool isStable)
    {
        var request = new OffsetFetchRequest
        {
            RequireStable = isStable, Groups = [new() { GroupId = Group, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }],
        };
        var answer = Ask(request, 8).Groups[0].Topics[0].Partitions[0];
        return (answer.ErrorCode, answer.CommittedOffset);
    }
}
