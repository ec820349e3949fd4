namespace NetKafka.Load.Compare;

/// <summary>A client in a project beside the driver's, which is built when it is wanted and may be impossible to build here.</summary>
static class SideProject
{
    /// <summary>Its project file; null where the checkout is not around this program.</summary>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, "tools", name, name + ".csproj");
            if (File.Exists(project))
                return project;
        }
        return null;
    }

    /// <summary>Runs the dotnet command to its end.</summary>
    /// <returns>What it printed if it failed; null if it did not.</returns>
    public static async Task<string?> RunAsync(params string[] words)
    {
        using var build = ChildRun.Start("dotnet", [.. words, "-c", "Release", "-v", "q", "-nologo"]);
        var output = build.StandardOutput.ReadToEndAsync();
        _ = build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync();
        return build.ExitCode == 0 ? null : await output;
    }

    /// <summary>The first line that speaks of an error.</summary>
    public static string FirstError(string output) =>
        output.Split('\n').FirstOrDefault(line => line.Contains("error ", StringComparison.Ordinal))?.Trim() ?? "";
}
