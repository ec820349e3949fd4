namespace NetKafka.Load.Compare;

/// <summary>
/// The adapter of Dekaf, a project outside the solution: where its package cannot be restored everything else still builds.
/// </summary>
static class DekafProject
{
    const string Name = "NetKafka.Load.Dekaf";

    /// <summary>Builds it.</summary>
    /// <returns>The program, or the reason why there is none.</returns>
    public static async Task<(string? Path, string? Problem)> BuildAsync()
    {
        if (Find() is not { } project)
            return (null, $"tools/{Name} is not here");
        using var build = ChildRun.Start("dotnet", ["build", project, "-c", "Release", "-v", "q", "-nologo"]);
        var output = build.StandardOutput.ReadToEndAsync();
        _ = build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync();
        if (build.ExitCode == 0)
            return (Path.Combine(Path.GetDirectoryName(project)!, "bin", "Release", "net10.0", Name + ".dll"), null);
        var error = (await output).Split('\n').FirstOrDefault(line => line.Contains("error ", StringComparison.Ordinal)) ?? "";
        return (null, error.Contains("NU1", StringComparison.Ordinal) ? "its package cannot be restored here" : "its adapter does not build");
    }

    static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, "tools", Name, Name + ".csproj");
            if (File.Exists(project))
                return project;
        }
        return null;
    }
}
