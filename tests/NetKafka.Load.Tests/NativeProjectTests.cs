using NetKafka.Load.Compare;

namespace NetKafka.Load.Tests;

public sealed class NativeProjectTests
{
    [Theory]
    [InlineData(
        "Microsoft.NETCore.Native.Unix.targets(252,5): error : Platform linker ('clang' or 'gcc') not found in PATH. "
        + "Ensure you have all the required prerequisites documented at https://aka.ms/nativeaot-prerequisites.", "no linker here")]
    [InlineData("x.csproj : error NU1101: Unable to find package runtime.linux-x64.Microsoft.DotNet.ILCompiler.", "cannot be restored")]
    [InlineData("Restoring\nILC : Trim analysis error IL2067: Some.Method(Type)\nmore", "error IL2067: Some.Method(Type)")]
    public void Publish_that_failed_says_what_is_missing(string output, string expected) =>
        Assert.Contains(expected, NativeProject.WhyNot(output), StringComparison.Ordinal);
}
