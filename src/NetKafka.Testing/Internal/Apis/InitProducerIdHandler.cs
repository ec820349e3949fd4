using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// InitProducerId, every stable version, for idempotent producers. As on a broker, one without a transactional id gets a new
/// id with epoch 0 whatever id it names. Left out: transactions (a transactional id is answered INVALID_REQUEST).
/// </summary>
sealed class InitProducerIdHandler : ApiHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    internal override InitProducerIdResponse Fail(Call<InitProducerIdRequest, InitProducerIdResponse> call, ErrorCode error) =>
        new() { ErrorCode = error, ProducerId = -1, ProducerEpoch = -1, ThrottleTimeMs = call.ThrottleMs };

    protected override void Handle(Call<InitProducerIdRequest, InitProducerIdResponse> call, long nowMs)
    {
        if (call.Request.TransactionalId is not null)
        {
            call.Answer(Fail(call, ErrorCode.InvalidRequest));
            return;
        }

        call.Answer(new InitProducerIdResponse
        {
            ProducerId = call.Cluster.NextProducerId(),
            ProducerEpoch = 0,
            ThrottleTimeMs = call.ThrottleMs,
        });
    }
}
