namespace NetKafka.Simulation.Tests.Histories;

/// <summary>What one reader that has no group was given, and where it was told to begin.</summary>
sealed class ReaderHistory(string name)
{
    readonly List<Delivery> _deliveries = [];
    readonly Dictionary<(int Turn, int Partition), long> _starts = [];
    readonly Dictionary<int, int> _turns = [];

    public string Name { get; } = name;

    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>Where reading of a partition begins anew: by an assignment or a seek.</summary>
    public void Begin(int partition, long offset)
    {
        var turn = _turns[partition] = _turns.GetValueOrDefault(partition) + 1;
        _starts[(turn, partition)] = offset;
    }

    public void Deliver(string topic, int partition, long offset, int id) =>
        _deliveries.Add(new Delivery(Name, _turns.GetValueOrDefault(partition), topic, partition, offset, id));

    /// <summary>Whether it reads a partition.</summary>
    public bool Reads(int partition) => _turns.ContainsKey(partition);

    /// <summary>Where a turn was to begin; −1 where nothing was said.</summary>
    public long StartOf(int turn, int partition) => _starts.GetValueOrDefault((turn, partition), -1);
}
