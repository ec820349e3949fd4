namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>What the checkers of a run have found. Beyond a bound only the count grows.</summary>
sealed class Violations
{
    const int MaxKept = 20;

    readonly List<Violation> _kept = [];

    public int Count { get; private set; }

    public IReadOnlyList<Violation> Kept => _kept;

    public void Add(string property, string what)
    {
        if (++Count <= MaxKept)
            _kept.Add(new Violation(property, what));
    }
}
