namespace NetKafka.Simulation.Tests.Histories;

/// <summary>What one reader that has no group was given, and where it was told to begin.</summary>
sealed class ReaderHistory(string name)
{
    readonly List<Delivery> _deliveries = [];
    readonly Dictionary<(int Turn, int Partition), long> _firstGiven = [];
    readonly Dictionary<(int Turn, int Partition), (long Offset, long AtTicks)> _starts = [];
    readonly Dictionary<int, int> _turns = [];

    public string Name { get; } = name;

    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>Where reading of a partition begins anew: by an assignment or a seek.</summary>
    public void Begin(int partition, long offset, long nowTicks)
    {
        var turn = _turns[partition] = _turns.GetValueOrDefault(partition) + 1;
        _starts[(turn, partition)] = (offset, nowTicks);
    }

    public void Deliver(string topic, int partition, long offset, int id, long nowTicks)
    {
        var turn = _turns.GetValueOrDefault(partition);
        _firstGiven.TryAdd((turn, partition), nowTicks);
        _deliveries.Add(new Delivery(Name, turn, topic, partition, offset, id));
    }

    /// <summary>Whether a turn had given something of a partition by a moment.</summary>
    public bool HasGiven(int turn, int partition, long ticks) => _firstGiven.TryGetValue((turn, partition), out var first) && first <= ticks;

    /// <summary>Whether it reads a partition.</summary>
    public bool Reads(int partition) => _turns.ContainsKey(partition);

    /// <summary>Where a turn was to begin; −1 where nothing was said.</summary>
    public long StartOf(int turn, int partition) => _starts.GetValueOrDefault((turn, partition), (-1, 0)).Offset;

    /// <summary>The turn of a partition at a moment; 0 for none.</summary>
    public int TurnAt(int partition, long ticks)
    {
        var turn = _turns.GetValueOrDefault(partition);
        while (turn > 0 && _starts.TryGetValue((turn, partition), out var start) && start.AtTicks > ticks)
            turn--;
        return turn;
    }
}
