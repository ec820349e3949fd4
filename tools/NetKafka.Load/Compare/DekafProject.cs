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
        if (SideProject.Find(Name) is not { } project)
            return (null, $"tools/{Name} is not here");
        return await SideProject.RunAsync("build", project) is not { } output
            ? (Path.Combine(Path.GetDirectoryName(project)!, "bin", "Release", "net10.0", Name + ".dll"), null)
            : (null, SideProject.FirstError(output).Contains("NU1", StringComparison.Ordinal)
                ? "its package cannot be restored here"
                : "its adapter does not build");
    }
}
