using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>The end of a client: connections are told to go, and the call is answered once the last one is gone, or at its deadline.</summary>
sealed class CloseMachine : Machine
{
    readonly ClusterMachine _cluster;
    readonly ConnectionDirectory _directory;
    readonly List<Call<bool>> _calls = [];

    public CloseMachine(ClusterMachine cluster, ConnectionDirectory directory)
    {
        (_cluster, _directory) = (cluster, directory);
        directory.OnEmpty = Wake;
    }

    public void Close(Call<bool> call, Instant now)
    {
        _calls.Add(call);
        _cluster.Close(now);
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            if (_directory.Count > 0 && _calls[i].Deadline > now)
            {
                next = Instant.Earlier(next, _calls[i].Deadline);
                continue;
            }
            _calls[i].Succeed(_directory.Count == 0, effects);
            _calls.RemoveAt(i);
        }
        return next;
    }
}
