namespace NetKafka.Architecture.Tests.Model;

/// <summary>The checkout that these tests were built in.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Paths from the root, with forward slashes, of every file below a folder that a build did not put there.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        if (!Directory.Exists(PathOf(folder)))
            return [];
        return Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"))
            .OrderBy(file => file, StringComparer.Ordinal);
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "NetKafkaClient.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds NetKafkaClient.sln; these tests read the sources of a checkout.");
    }
}
