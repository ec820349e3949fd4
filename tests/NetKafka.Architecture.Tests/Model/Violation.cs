namespace NetKafka.Architecture.Tests.Model;

/// <summary>One place where a rule does not hold.</summary>
public sealed record Violation(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";
}
