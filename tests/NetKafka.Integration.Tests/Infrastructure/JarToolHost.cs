namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Runs the tools as processes of this machine.</summary>
sealed class JarToolHost(JarFolder jars) : IToolHost
{
    readonly string _folder = Directory.CreateTempSubdirectory("netkafka-tools-").FullName;

    public bool RunsBesideContainers => false;

    public Task<ToolResult> Run(
        string className, IReadOnlyList<string> arguments, string? input, TimeSpan deadline, CancellationToken cancellation) =>
        ChildProcess.Run(jars.Java, Arguments(className, arguments), deadline, input, cancellation);

    public IRunningTool Start(string className, IReadOnlyList<string> arguments) => RunningProcess.Start(jars.Java, Arguments(className, arguments));

    public Task<string> Bring(string file, CancellationToken cancellation) => Task.FromResult(file);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    string[] Arguments(string className, IReadOnlyList<string> arguments) =>
        ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", JarLogging.Option(jars.Version, _folder, "WARN"), "-cp", jars.ClassPath, className, .. arguments];
}
