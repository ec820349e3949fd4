using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Administration;

/// <summary>Keeps the admin calls of a client going.</summary>
sealed class InquiryMachine(ICluster cluster) : Machine
{
    readonly List<Inquiry> _open = [];
    Exception? _fault;

    public void Start(Inquiry inquiry)
    {
        _open.Add(inquiry);
        Wake();
    }

    /// <summary>The admin is over: what is open, and what is asked later, ends with the defect.</summary>
    public override bool TakeFault(Exception error)
    {
        _fault ??= new KafkaException("The admin ended on a defect of its own; dispose it and create another, and report this.", error) { IsFatal = true };
        Wake();
        return true;
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_fault is not null)
        {
            foreach (var inquiry in _open)
                inquiry.Fail(_fault, effects);
            _open.Clear();
        }
        var next = Instant.Never;
        for (var i = 0; i < _open.Count; i++)
        {
            var inquiry = _open[i];
            inquiry.Conclude(cluster, now, effects);
            if (!inquiry.IsOver && inquiry.AskAt <= now)
                inquiry.Ask(cluster, now);
            if (!inquiry.IsOver)
                next = Instant.Earlier(next, Instant.Earlier(inquiry.AskAt, inquiry.Deadline));
        }
        _open.RemoveAll(static inquiry => inquiry.IsOver);
        return next;
    }
}
