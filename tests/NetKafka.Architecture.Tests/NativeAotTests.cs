using System.Xml.Linq;
using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Packaging;
using NetKafka.Testing;

namespace NetKafka.Architecture.Tests;

/// <summary>The sample of native code, published from the packages as a user would.</summary>
[Collection(PackagesCollection.Name)]
public sealed class NativeAotTests(Packages packages)
{
    const string Sample = "samples/NativeAot";
    const long MostBytes = 8 << 20;

    static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(5);
    static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Published_sample_has_no_warnings_fits_into_eight_mebibytes_and_runs()
    {
        var folder = packages.CreateFolder("native", elsewhere: true);
        File.Copy(Repository.PathOf("Directory.Build.props"), Path.Combine(folder, "Directory.Build.props"));
        File.Copy(Repository.PathOf($"{Sample}/Program.cs"), Path.Combine(folder, "Program.cs"));
        Project().Save(Path.Combine(folder, "NativeAot.csproj"));

        var publish = await Dotnet.Run(
            PublishLimit, folder, "publish", "-c", "Release", "-o", "out", "-nologo", $"-p:RestorePackagesPath={Path.Combine(folder, "packages")}");
        if (publish.ExitCode != 0 && NativeToolchain.WhyMissing(publish.Output) is { } missing)
            NativeToolchain.SkipOrFail(missing);
        Assert.True(publish.ExitCode == 0, publish.Output + publish.Error);
        Assert.DoesNotContain("warning", publish.Output, StringComparison.OrdinalIgnoreCase);

        var program = new FileInfo(Path.Combine(folder, "out", OperatingSystem.IsWindows() ? "NativeAot.exe" : "NativeAot"));
        Assert.InRange(program.Length, 1, MostBytes);

        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true });
        var run = await Dotnet.RunProgram(program.FullName, RunLimit, folder, "--bootstrap", kafka.BootstrapServers);
        Assert.Equal(
            (0, "wrote  payments-0@0\nread   Alice: Paid $200 to Bob\n", ""), (run.ExitCode, run.Output.ReplaceLineEndings("\n"), run.Error));
    }

    [Theory]
    [InlineData(
        "error : Platform linker ('clang' or 'gcc') not found in PATH. Ensure you have all the required prerequisites documented at "
        + "https://aka.ms/nativeaot-prerequisites, in particular the Desktop Development for C++ workload.")]
    [InlineData("error NU1102: Unable to find package runtime.linux-x64.Microsoft.DotNet.ILCompiler with version (= 10.0.12)")]
    [InlineData("error NU1301: Unable to load the service index for source; Microsoft.NET.ILLink.Tasks")]
    public void Want_of_the_toolchain_says_what_to_install(string output) => Assert.NotNull(NativeToolchain.WhyMissing(output));

    [Theory]
    [InlineData("ILC : Trim analysis error IL2026: NetKafka.KafkaClient..ctor(): Using member 'Type.GetType(String)'")]
    [InlineData("Program.cs(3,5): error CS0103: The name 'kafka' does not exist in the current context")]
    public void Warning_of_the_compiler_is_no_want_of_the_toolchain(string output) => Assert.Null(NativeToolchain.WhyMissing(output));

    /// <summary>The sample's project with the package in place of the project that it refers to.</summary>
    XDocument Project()
    {
        var project = XDocument.Load(Repository.PathOf($"{Sample}/NativeAot.csproj"));
        project.Descendants("ProjectReference").Single().ReplaceWith(
            new XElement("PackageReference", new XAttribute("Include", "NetKafka"), new XAttribute("Version", $"[{packages.Version}]")));
        return project;
    }
}
