using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>EndTxn, every version. From version 5 on the transaction is one of version 2, and the answer has the next epoch (KIP-890).</summary>
sealed class EndTxnHandler : ApiHandler<EndTxnRequest, EndTxnResponse>
{
    const short FencedSince = 2;
    const short Version2Since = 5;

    internal override EndTxnResponse Fail(Call<EndTxnRequest, EndTxnResponse> call, ErrorCode error) =>
        Respond(call, error, ProducerIdentity.None);

    protected override void Handle(Call<EndTxnRequest, EndTxnResponse> call, long nowMs)
    {
        var request = call.Request;
        var transactions = call.Cluster.Transactions;
        var next = ProducerIdentity.None;
        var error = transactions.CheckBroker(request.TransactionalId, call.Broker);
        if (error == ErrorCode.None)
        {
            error = transactions.End(
                request.TransactionalId, new ProducerIdentity(request.ProducerId, request.ProducerEpoch), request.Committed,
                call.Version >= Version2Since, nowMs, out next);
        }

        call.Answer(Respond(call, error, next));
    }

    static EndTxnResponse Respond(Call<EndTxnRequest, EndTxnResponse> call, ErrorCode error, ProducerIdentity next) => new()
    {
        ErrorCode = TransactionErrors.For(call.Version, FencedSince, error),
        ProducerId = next.Id,
        ProducerEpoch = next.Epoch,
        ThrottleTimeMs = call.ThrottleMs,
    };
}
