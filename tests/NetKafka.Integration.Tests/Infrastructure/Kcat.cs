namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>kcat, a second client that shares no code with Java's: Debian's package kcat.</summary>
public static class Kcat
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Runs it to its end; the test is skipped where it is not installed.</summary>
    public static async Task<ToolResult> Run(
        string bootstrap, IReadOnlyList<string> arguments, string? input = null, CancellationToken cancellation = default)
    {
        var program = ChildProcess.Find("kcat");
        Assert.SkipWhen(program is null, "kcat is not on PATH; on Debian: apt-get install kcat.");
        return (await ChildProcess.Run(program, ["-b", bootstrap, .. arguments], Deadline, input, cancellation)).OrFail();
    }
}
