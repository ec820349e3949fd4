using System.Text.RegularExpressions;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// ListTransactions, every version: the transactional ids that this broker coordinates, by state, producer, duration (KIP-994) and pattern (KIP-1152).
/// .NET's engine that does not backtrack stands for RE2.
/// </summary>
sealed class ListTransactionsHandler : ApiHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    internal override ListTransactionsResponse Fail(Call<ListTransactionsRequest, ListTransactionsResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<ListTransactionsRequest, ListTransactionsResponse> call, long nowMs)
    {
        var request = call.Request;
        Regex? pattern = null;
        try
        {
            // The whole id is meant.
            if (!string.IsNullOrEmpty(request.TransactionalIdPattern))
                pattern = new Regex($"^(?:{request.TransactionalIdPattern})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            call.Answer(Fail(call, ErrorCode.InvalidRegularExpression));
            return;
        }

        var transactions = call.Cluster.Transactions;
        var now = call.Cluster.WallClock(nowMs);
        call.Answer(new ListTransactionsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            UnknownStateFilters = [.. request.StateFilters.Where(static state => !Enum.TryParse<TransactionState>(state, out _))],
            TransactionStates = [.. transactions.All
                .Where(entry => transactions.Slots.CoordinatorOf(entry.TransactionalId) == call.Broker.NodeId)
                .Where(entry => request.StateFilters.Length == 0 || request.StateFilters.Contains(entry.State.ToString(), StringComparer.Ordinal))
                .Where(entry => request.ProducerIdFilters.Length == 0 || request.ProducerIdFilters.Contains(entry.ProducerId))
                .Where(entry => request.DurationFilter < 0 || now - entry.StartMs > request.DurationFilter)
                .Where(entry => pattern?.IsMatch(entry.TransactionalId) ?? true)
                .Select(static entry => new ListTransactionsResponse.TransactionStateData
                {
                    TransactionalId = entry.TransactionalId, ProducerId = entry.ProducerId, TransactionState = entry.State.ToString(),
                })],
        });
    }
}
