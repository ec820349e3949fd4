using System.IO.Compression;
using System.Reflection;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Packaging;

/// <summary>
/// The three packages, packed once from a copy of the sources: the copy has outputs of its own, a version that no cache has
/// seen, and a repository whose address and commit the tests know.
/// </summary>
public sealed class Packages : IAsyncLifetime
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    public const string Origin = "https://github.com/example/netkafka";

    static readonly TimeSpan PackLimit = TimeSpan.FromMinutes(5);
    static readonly string[] RootFiles =
        ["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "README.md", "LICENSE"];

    readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("netkafka-packages-");

    /// <summary>In the order in which one needs the other.</summary>
    public static IReadOnlyList<string> Names { get; } = ["NetKafka.Protocol", "NetKafka", "NetKafka.Testing"];

    public string Version { get; } = $"0.0.0-test.{Guid.NewGuid():N}";

    public string Feed => Path.Combine(_root.FullName, "feed");

    /// <summary>Where this machine keeps the packages that the sources were built with.</summary>
    public static string MachinePackages => typeof(Packages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "NuGetPackageRoot").Value!;

    public async ValueTask InitializeAsync()
    {
        var sources = Path.Combine(_root.FullName, "sources");
        foreach (var file in Repository.Files("src", "*").Concat(RootFiles))
        {
            var target = new FileInfo(Path.Combine(sources, file));
            target.Directory!.Create();
            File.Copy(Repository.PathOf(file), target.FullName);
        }
        WriteRepository(Path.Combine(sources, ".git"));
        await File.WriteAllTextAsync(
            Path.Combine(sources, "Packages.slnx"),
            $"<Solution>{string.Concat(Names.Select(name => $"<Project Path=\"src/{name}/{name}.csproj\" />"))}</Solution>");
        var (exitCode, output, error) = await Dotnet.Run(
            PackLimit, sources, "pack", "Packages.slnx", "-c", "Release", "-o", Feed, "-nologo", "-v", "quiet",
            $"-p:Version={Version}", "-p:ContinuousIntegrationBuild=true");
        if (exitCode != 0)
            throw new InvalidOperationException($"The packages were not packed.\n{output}\n{error}");
    }

    public ValueTask DisposeAsync()
    {
        _root.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A folder for a program that uses the packages; no file above it speaks of the project.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="elsewhere">
    /// Whether the machine's own sources serve what is wanted beside the packages; else it was restored for the build.
    /// </param>
    public string CreateFolder(string program, bool elsewhere)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root.FullName, program)).FullName;
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources>{(elsewhere ? "" : "<clear />")}<add key="feed" value="{Feed}" /></packageSources>
              <!-- What the packages depend on was restored for the build; nothing of it has to be fetched again. -->
              <fallbackPackageFolders><clear /><add key="machine" value="{MachinePackages}" /></fallbackPackageFolders>
            </configuration>
            """);
        return folder;
    }

    public byte[] Read(string name, string extension, string entry)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Feed, $"{name}.{Version}.{extension}"));
        using var content = (archive.GetEntry(entry)
            ?? throw new FileNotFoundException($"{name}.{extension} has no {entry}; it has {string.Join(", ", archive.Entries)}.")).Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>As much of a git repository as the build reads, so that no git is needed.</summary>
    static void WriteRepository(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "objects"));
        Directory.CreateDirectory(Path.Combine(folder, "refs", "heads"));
        File.WriteAllText(Path.Combine(folder, "HEAD"), "ref: refs/heads/main\n");
        File.WriteAllText(Path.Combine(folder, "refs", "heads", "main"), $"{Commit}\n");
        File.WriteAllText(
            Path.Combine(folder, "config"), $"[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = {Origin}\n");
    }
}
