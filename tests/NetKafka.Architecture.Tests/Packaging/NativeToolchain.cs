namespace NetKafka.Architecture.Tests.Packaging;

/// <summary>What native code needs beside the SDK: a linker, and the package of the compiler.</summary>
static class NativeToolchain
{
    /// <summary>What a publish that failed was missing; null if it failed by itself.</summary>
    public static string? WhyMissing(string output) =>
        output.Contains("nativeaot-prerequisites", StringComparison.Ordinal) ? "no linker: install clang and zlib1g-dev"
        : output.Contains("error NU11", StringComparison.Ordinal) || output.Contains("error NU13", StringComparison.Ordinal)
            ? "the package of the native compiler cannot be restored: give this machine a NuGet source that has it"
        : null;

    /// <summary>Skips the test, or fails it where NETKAFKA_REQUIRE_AOT=1 asks for the toolchain.</summary>
    public static void SkipOrFail(string missing)
    {
        if (Environment.GetEnvironmentVariable("NETKAFKA_REQUIRE_AOT") is "1" or "true")
            Assert.Fail($"NETKAFKA_REQUIRE_AOT is set. {missing}");
        Assert.Skip($"Native code cannot be compiled here; {missing}.");
    }
}
