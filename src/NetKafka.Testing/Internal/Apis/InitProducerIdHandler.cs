using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// InitProducerId, every stable version. As on a broker, a producer without a transactional id gets a new id with epoch 0 whatever
/// id it names. Left out: two-phase commit.
/// </summary>
sealed class InitProducerIdHandler : ApiHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    // Before, producers knew one error for all epochs that are not the newest.
    const short FencedSince = 4;

    internal override InitProducerIdResponse Fail(Call<InitProducerIdRequest, InitProducerIdResponse> call, ErrorCode error) => new()
    {
        ErrorCode = TransactionErrors.For(call.Version, FencedSince, error), ProducerId = -1, ProducerEpoch = -1, ThrottleTimeMs = call.ThrottleMs,
    };

    protected override void Handle(Call<InitProducerIdRequest, InitProducerIdResponse> call, long nowMs)
    {
        var given = new ProducerIdentity(-1, 0);
        var error = call.Request.TransactionalId is { } transactionalId ? Init(call, transactionalId, nowMs, out given) : ErrorCode.None;
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        call.Answer(new InitProducerIdResponse
        {
            ProducerId = given.Id < 0 ? call.Cluster.NextProducerId() : given.Id,
            ProducerEpoch = given.Epoch,
            ThrottleTimeMs = call.ThrottleMs,
        });
    }

    static ErrorCode Init(Call<InitProducerIdRequest, InitProducerIdResponse> call, string transactionalId, long nowMs, out ProducerIdentity given)
    {
        given = ProducerIdentity.None;
        var transactions = call.Cluster.Transactions;
        var error = transactions.CheckBroker(transactionalId, call.Broker);
        var expected = new ProducerIdentity(call.Request.ProducerId, call.Request.ProducerEpoch);
        return error != ErrorCode.None ? error : transactions.Init(transactionalId, call.Request.TransactionTimeoutMs, expected, nowMs, out given);
    }
}
