namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// Fetch sessions are not begun anew for nothing (KIP-227). A broker that has answered knows of no reason for it; a client has one that took the answer
/// for lost, which it logs: so of each client there are no more of these than fetches that failed.
/// </summary>
sealed class SessionChecker(Violations violations)
{
    readonly Dictionary<string, int> _failed = [];
    readonly Dictionary<string, int> _needless = [];

    public void OnFetchFailed(string client) => _failed[client] = _failed.GetValueOrDefault(client) + 1;

    public void OnNeedlessFullFetch(string client, int nodeId)
    {
        var count = _needless[client] = _needless.GetValueOrDefault(client) + 1;
        if (count > _failed.GetValueOrDefault(client))
            violations.Add("P20 wire", $"{client} begins its fetch session at node {nodeId} anew, which was in order");
    }
}
