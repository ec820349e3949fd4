namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>How a program ended and what it wrote.</summary>
public sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>The lines of the standard output, without the empty one at its end.</summary>
    public IReadOnlyList<string> Lines => Output.TrimEnd('\n', '\r') is { Length: > 0 } text ? text.ReplaceLineEndings("\n").Split('\n') : [];

    /// <summary>Itself when the program ended with 0, else a failure that shows all it wrote.</summary>
    public ToolResult OrFail() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"{Command} ended with {ExitCode}.\nOutput:\n{Output}\nError:\n{Error}");
}
