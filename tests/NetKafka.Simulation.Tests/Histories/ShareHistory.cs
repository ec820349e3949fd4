using NetKafka.Consuming;

namespace NetKafka.Simulation.Tests.Histories;

/// <summary>What the members of a share group were given, what they said of it, and what they were told of that (KIP-932).</summary>
sealed class ShareHistory(Action<string, string> violation)
{
    readonly Dictionary<(string Member, int Partition, long Offset), Given> _given = [];
    readonly Dictionary<(int Partition, long Offset), int> _doneIn = [];
    readonly HashSet<(int Partition, long Offset)> _handled = [];

    /// <summary>Whether somebody has worked on a record to its end.</summary>
    public bool IsHandled(int partition, long offset) => _handled.Contains((partition, offset));

    /// <summary>A member is given a record. One that is done with for certain is not given out in a later delivery.</summary>
    public void Deliver(string member, int partition, long offset, int deliveryCount)
    {
        if (_doneIn.TryGetValue((partition, offset), out var done) && deliveryCount > done)
            violation("P9 done is done", $"{member} was given {partition}@{offset} in delivery {deliveryCount}, and it was acknowledged for good in delivery {done}");
        if (!_given.TryGetValue((member, partition, offset), out var given))
            _given.Add((member, partition, offset), given = new Given());
        given.Count++;
        given.Delivery = deliveryCount;
        given.Said = null;
    }

    /// <summary>A member says what has become of a record.</summary>
    public void Say(string member, int partition, long offset, AcknowledgeType type)
    {
        _given[(member, partition, offset)].Said = type;
        if (type is AcknowledgeType.Accept or AcknowledgeType.Reject)
            _handled.Add((partition, offset));
    }

    /// <summary>A member is told what has become of what it said.</summary>
    public void Tell(string member, int partition, long offset, bool isCommitted)
    {
        // What was acquired and not handed out is told too where it is given back, so it may be told more often than it was given.
        if (!_given.TryGetValue((member, partition, offset), out var given))
            return;
        given.Told++;
        if (isCommitted && given.Said is AcknowledgeType.Accept or AcknowledgeType.Reject)
            _doneIn.TryAdd((partition, offset), given.Delivery);
        given.Said = null;
    }

    /// <summary>A member has left in order: it was told of all that it was given.</summary>
    public void CheckTold(string member)
    {
        foreach (var ((name, partition, offset), given) in _given)
        {
            if (name == member && given.Told < given.Count)
            {
                violation("P24 outcomes are told", $"{member} was given {partition}@{offset} {given.Count} times, and told of it {given.Told} times");
                return;
            }
        }
    }

    sealed class Given
    {
        public int Count { get; set; }

        public int Told { get; set; }

        public int Delivery { get; set; }

        public AcknowledgeType? Said { get; set; }
    }
}
