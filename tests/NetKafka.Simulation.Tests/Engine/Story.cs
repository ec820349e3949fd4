using System.Globalization;

namespace NetKafka.Simulation.Tests.Engine;

/// <summary>What happened, line by line, for people. Kept only where a seed is replayed: callers write <c>story?.Add(…)</c>.</summary>
sealed class Story
{
    readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(long nowTicks, string line) => _lines.Add(string.Create(
        CultureInfo.InvariantCulture, $"{nowTicks / (double)TimeSpan.TicksPerMillisecond,12:0.0000} ms  {line}"));
}
