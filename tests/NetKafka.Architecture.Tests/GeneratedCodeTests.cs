using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests;

public sealed class GeneratedCodeTests : IDisposable
{
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    readonly DirectoryInfo _copy = Directory.CreateTempSubdirectory("netkafka-generated-");

    public void Dispose() => _copy.Delete(recursive: true);

    [Fact]
    public async Task Generated_code_is_what_the_schema_gives()
    {
        var (exitCode, _, error) = await Check(Repository.Root);

        Assert.True(exitCode == 0, $"Run `dotnet run --project tools/NetKafka.ProtocolGenerator` and commit what it writes.\n{error}");
    }

    [Fact]
    public async Task Generated_file_that_was_edited_is_found()
    {
        var files = Repository.Files("src/NetKafka.Protocol", "*.g.cs").ToList();
        foreach (var file in files.Append("NetKafkaClient.sln").Append("tools/NetKafka.ProtocolGenerator/protocol.json"))
        {
            var target = new FileInfo(Path.Combine(_copy.FullName, file));
            target.Directory!.Create();
            File.Copy(Repository.PathOf(file), target.FullName);
        }
        var edited = files[files.Count / 2];
        await File.AppendAllTextAsync(Path.Combine(_copy.FullName, edited), "// edited by hand\n", TestContext.Current.CancellationToken);

        var (exitCode, _, error) = await Check(_copy.FullName);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{edited} ", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    static Task<(int ExitCode, string Output, string Error)> Check(string root) => Dotnet.Run(
        Deadline, root, Path.Combine(AppContext.BaseDirectory, "NetKafka.ProtocolGenerator.dll"), "--check", root);
}
