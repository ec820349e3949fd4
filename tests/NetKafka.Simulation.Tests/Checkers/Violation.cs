namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>A property that did not hold.</summary>
/// <param name="Property">Its name, as "P1 no lost ack".</param>
/// <param name="What">What was seen.</param>
readonly record struct Violation(string Property, string What)
{
    public override string ToString() => $"{Property}: {What}";
}
