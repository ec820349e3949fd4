namespace NetKafka.Simulation.Tests.Faults;

/// <summary>One fault as data: what, when, for how long, and two numbers that say where and how much.</summary>
/// <param name="Index">Its place in the plan, by which a replay can keep or drop it.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="AtTicks">When it begins.</param>
/// <param name="ForTicks">How long it lasts, where it has a length.</param>
/// <param name="Where">Which of the things that it can meet: a large number, taken modulo their count.</param>
/// <param name="HowMuch">Bytes, milliseconds or a choice, as the kind has it.</param>
sealed record PlannedFault(int Index, FaultKind Kind, long AtTicks, long ForTicks, int Where, int HowMuch)
{
    public override string ToString() =>
        $"#{Index} {Kind} at {AtTicks / TimeSpan.TicksPerMillisecond} ms for {ForTicks / TimeSpan.TicksPerMillisecond} ms ({Where}, {HowMuch})";
}
