using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A broker that runs in a container of the local Docker engine.</summary>
sealed class DockerBroker(IContainer container, int id, Func<string> address, Func<string> addressForTools) : IBroker
{
    public const string DataFolder = "/var/lib/kafka/data";

    const int LinesKept = 200;

    public int Id => id;

    public string Address => address();

    public string AddressForTools => addressForTools();

    /// <summary>None: what a listener advertises here could not be reached from the tools' container too.</summary>
    public string? AddressOf(string listener) => null;

    public Task Start(CancellationToken cancellation) => container.StartAsync(cancellation);

    public Task Stop(CancellationToken cancellation) => container.StopAsync(cancellation);

    public async Task Kill(CancellationToken cancellation)
    {
        using var engine = TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder().Build();
        await engine.Containers.KillContainerAsync(container.Id, new ContainerKillParameters { Signal = "SIGKILL" }, cancellation);
        await engine.Containers.WaitContainerAsync(container.Id, cancellation);
    }

    public async Task<(bool HasEnded, string Text)> Log()
    {
        var (output, error) = await container.GetLogsAsync();
        return (container.State is TestcontainersStates.Exited or TestcontainersStates.Dead,
            string.Join('\n', $"{output}\n{error}".Split('\n').TakeLast(LinesKept)));
    }

    public async Task CopyData(string path, string target, CancellationToken cancellation) =>
        await File.WriteAllBytesAsync(target, await container.ReadFileAsync($"{DataFolder}/{path}", cancellation), cancellation);

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
