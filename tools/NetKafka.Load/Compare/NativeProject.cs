namespace NetKafka.Load.Compare;

/// <summary>Our client compiled to native code, which needs a linker and the compiler's package beside the SDK.</summary>
static class NativeProject
{
    const string Name = "NetKafka.Load.Aot";

    /// <summary>Publishes it.</summary>
    /// <returns>The program, or the reason why there is none.</returns>
    public static async Task<(string? Path, string? Problem)> PublishAsync()
    {
        if (SideProject.Find(Name) is not { } project)
            return (null, $"tools/{Name} is not here");
        var folder = Path.Combine(Path.GetDirectoryName(project)!, "bin", "native");
        return await SideProject.RunAsync("publish", project, "-o", folder) is not { } output
            ? (Path.Combine(folder, Name), null)
            : (null, WhyNot(output));
    }

    /// <summary>What a publish that failed says is missing.</summary>
    public static string WhyNot(string output)
    {
        var error = SideProject.FirstError(output);
        return output.Contains("nativeaot-prerequisites", StringComparison.Ordinal) ? "no linker here: install clang and zlib1g-dev"
            : error.Contains("NU1", StringComparison.Ordinal) ? "the native compiler's package cannot be restored here"
            : $"it was not published: {error}";
    }
}
