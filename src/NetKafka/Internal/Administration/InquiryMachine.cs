using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Administration;

/// <summary>Keeps the admin calls of a client going.</summary>
sealed class InquiryMachine(ICluster cluster) : Machine
{
    readonly List<Inquiry> _open = [];

    public void Start(Inquiry inquiry)
    {
        _open.Add(inquiry);
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = 0; i < _open.Count; i++)
        {
            var inquiry = _open[i];
            if (!inquiry.IsOver && inquiry.AskAt <= now && inquiry.Deadline > now)
                inquiry.Ask(cluster, now);
            inquiry.Conclude(now, effects);
            if (!inquiry.IsOver)
                next = Instant.Earlier(next, Instant.Earlier(inquiry.AskAt, inquiry.Deadline));
        }
        _open.RemoveAll(static inquiry => inquiry.IsOver);
        return next;
    }
}
