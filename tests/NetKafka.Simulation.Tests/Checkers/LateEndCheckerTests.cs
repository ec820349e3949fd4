using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Ends without an answer, and what comes after them.</summary>
public sealed class LateEndCheckerTests
{
    const short Version1 = 3;

    readonly Violations _violations = new();
    readonly LateEndChecker _ends;

    public LateEndCheckerTests() => _ends = new LateEndChecker(_violations);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Transaction_under_the_epoch_of_an_end_without_an_answer_is_found(bool isHandled, bool withOffsets)
    {
        End(connection: 1, epoch: 4, Version1, new Fault { CloseAfter = isHandled, CloseBefore = !isHandled });
        End(connection: 2, epoch: 4, Version1, default);
        if (withOffsets)
            AddOffsets(connection: 2, epoch: 4);
        else
            AddPartitions(connection: 2, epoch: 4);
        Assert.Equal("P20 late ends", Assert.Single(_violations.Kept).Property);
    }

    [Fact]
    public void Other_epochs_answered_ends_version_2_and_what_was_sent_before_are_sound()
    {
        End(connection: 1, epoch: 4, Version1, new Fault { Silence = true });
        AddPartitions(connection: 1, epoch: 4);
        AddPartitions(connection: 2, epoch: 5);
        End(connection: 2, epoch: 5, Version1, default);
        AddPartitions(connection: 2, epoch: 5);
        End(connection: 3, epoch: 6, 5, new Fault { Silence = true });
        AddPartitions(connection: 4, epoch: 6);
        Assert.Empty(_violations.Kept);
    }

    void End(int connection, short epoch, short version, Fault fault) => Tell(
        connection, new EndTxnRequest { TransactionalId = "txn", ProducerId = 7, ProducerEpoch = epoch, Committed = true }, version, fault);

    void AddPartitions(int connection, short epoch) => Tell(
        connection, new AddPartitionsToTxnRequest { V3AndBelowTransactionalId = "txn", V3AndBelowProducerId = 7, V3AndBelowProducerEpoch = epoch, V3AndBelowTopics = [] }, 3, default);

    void AddOffsets(int connection, short epoch) => Tell(
        connection, new AddOffsetsToTxnRequest { TransactionalId = "txn", ProducerId = 7, ProducerEpoch = epoch, GroupId = "g" }, 3, default);

    void Tell<TRequest, TResponse>(int connection, IRequest<TRequest, TResponse> request, short version, Fault fault)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse> =>
        _ends.OnRequest(new RequestInfo(connection, 1, TRequest.ApiKey, version, 1, "c", Frames.Of(request, version)), fault);
}
