using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>The end of a client: connections are told to go, and the call is answered once the last one is gone, or at its deadline.</summary>
sealed class CloseMachine(ClusterMachine cluster, ConnectionDirectory directory) : Machine
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    readonly List<Call<bool>> _calls = [];

    public void Close(Call<bool> call, Instant now)
    {
        _calls.Add(call);
        cluster.Close(now);
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_calls.Count == 0)
            return Instant.Never;
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            if (directory.Count > 0 && _calls[i].Deadline > now)
                continue;
            _calls[i].Succeed(directory.Count == 0, effects);
            _calls.RemoveAt(i);
        }
        return _calls.Count == 0 ? Instant.Never : now + LookEvery;
    }
}
