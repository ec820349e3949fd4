using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>AddOffsetsToTxn, every version.</summary>
sealed class AddOffsetsToTxnHandler : ApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    const short FencedSince = 2;

    internal override AddOffsetsToTxnResponse Fail(Call<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> call, ErrorCode error) =>
        new() { ErrorCode = TransactionErrors.For(call.Version, FencedSince, error), ThrottleTimeMs = call.ThrottleMs };

    protected override void Handle(Call<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> call, long nowMs)
    {
        var request = call.Request;
        var transactions = call.Cluster.Transactions;
        var error = transactions.CheckBroker(request.TransactionalId, call.Broker);
        if (error == ErrorCode.None)
            error = transactions.AddGroup(request.TransactionalId, new ProducerIdentity(request.ProducerId, request.ProducerEpoch), request.GroupId, nowMs);
        call.Answer(Fail(call, error));
    }
}
