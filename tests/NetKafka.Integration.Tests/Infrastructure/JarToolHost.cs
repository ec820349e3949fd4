namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// Runs the tools as processes of this machine. The first that ends leaves an archive of the classes that it has loaded, from which those after it
/// take theirs: that halves what a call costs.
/// </summary>
sealed class JarToolHost(JarFolder jars) : IToolHost
{
    readonly string _folder = Directory.CreateTempSubdirectory("netkafka-tools-").FullName;
    int _isArchiving;
    volatile string? _archive;

    public bool RunsBesideContainers => false;

    public async Task<ToolResult> Run(
        string className, IReadOnlyList<string> arguments, string? input, TimeSpan deadline, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _isArchiving, 1) != 0)
            return await ChildProcess.Run(jars.Java, Arguments(className, arguments), deadline, input, cancellation);
        var archive = Path.Combine(_folder, "tools.jsa");
        // What Java has to say of the archive would stand among the tool's own lines.
        var result = await ChildProcess.Run(
            jars.Java, ["-Xlog:disable", $"-XX:ArchiveClassesAtExit={archive}", .. Arguments(className, arguments)], deadline, input, cancellation);
        _archive = File.Exists(archive) ? archive : null;
        return result;
    }

    public IRunningTool Start(string className, IReadOnlyList<string> arguments) => RunningProcess.Start(jars.Java, Arguments(className, arguments));

    public Task<string> Bring(string file, CancellationToken cancellation) => Task.FromResult(file);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    string[] Arguments(string className, IReadOnlyList<string> arguments) =>
        [.. _archive is { } archive ? [$"-XX:SharedArchiveFile={archive}", "-Xlog:disable"] : Array.Empty<string>(), "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", JarLogging.Option(jars.Version, _folder, "WARN"), "-cp", jars.ClassPath, className, .. arguments];
}
