using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// FindCoordinator, every version, one key and many, for groups of every kind and transactional ids. Left out: share coordinators, for
/// which brokers alone ask (other key types are answered INVALID_REQUEST).
/// </summary>
sealed class FindCoordinatorHandler : ApiHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    const sbyte GroupKey = 0;
    const sbyte TransactionKey = 1;

    internal override FindCoordinatorResponse Fail(Call<FindCoordinatorRequest, FindCoordinatorResponse> call, ErrorCode error) =>
        Respond(call, key => Failed(key, error, ErrorCodeMessage(error)));

    protected override void Handle(Call<FindCoordinatorRequest, FindCoordinatorResponse> call, long nowMs) =>
        call.Answer(Respond(call, key => Find(call, key)));

    static FindCoordinatorResponse.Coordinator Find(Call<FindCoordinatorRequest, FindCoordinatorResponse> call, string key)
    {
        if (call.Request.KeyType is not (GroupKey or TransactionKey))
            return Failed(key, ErrorCode.InvalidRequest, "The embedded Kafka coordinates groups and transactions only.");
        var slots = call.Request.KeyType == GroupKey ? call.Cluster.Groups.Slots : call.Cluster.Transactions.Slots;
        var node = slots.CoordinatorOf(key);
        if (call.Cluster.FindBroker(node) is not { } broker)
            return Failed(key, ErrorCode.CoordinatorNotAvailable, ErrorCodeMessage(ErrorCode.CoordinatorNotAvailable));
        return new FindCoordinatorResponse.Coordinator { Key = key, NodeId = node, Host = broker.Host, Port = broker.Port };
    }

    /// <summary>From version 4 on the answer is a list; before, it is its only entry.</summary>
    static FindCoordinatorResponse Respond(
        Call<FindCoordinatorRequest, FindCoordinatorResponse> call, Func<string, FindCoordinatorResponse.Coordinator> find)
    {
        if (call.Version >= 4)
        {
            return new FindCoordinatorResponse
            {
                ThrottleTimeMs = call.ThrottleMs, Coordinators = [.. call.Request.CoordinatorKeys.Select(find)],
            };
        }

        var found = find(call.Request.Key);
        return new FindCoordinatorResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            ErrorCode = found.ErrorCode,
            ErrorMessage = call.Version == 0 ? null : found.ErrorCode == ErrorCode.None ? "NONE" : found.ErrorMessage,
            NodeId = found.NodeId,
            Host = found.Host,
            Port = found.Port,
        };
    }

    static FindCoordinatorResponse.Coordinator Failed(string key, ErrorCode error, string message) =>
        new() { Key = key, ErrorCode = error, ErrorMessage = message, NodeId = -1, Host = "", Port = -1 };

    static string ErrorCodeMessage(ErrorCode error) =>
        error == ErrorCode.CoordinatorNotAvailable ? "The coordinator is not available." : $"Refused with {error}.";
}
