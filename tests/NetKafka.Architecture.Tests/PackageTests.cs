using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Packaging;

namespace NetKafka.Architecture.Tests;

[Collection(PackagesCollection.Name)]
public sealed class PackageTests(Packages packages)
{
    static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(3);

    /// <summary>Kind of the custom debug information that holds source link, as the portable PDB format numbers it.</summary>
    static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    public static TheoryData<string> Names => [.. Packages.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Package_names_its_licence_readme_and_commit(string name)
    {
        var metadata = XDocument.Parse(Encoding.UTF8.GetString(packages.Read(name, "nupkg", $"{name}.nuspec")).TrimStart('\uFEFF')).Root!.Elements().Single();
        XElement Element(string element) => metadata.Elements().Single(found => found.Name.LocalName == element);

        Assert.Equal("Apache-2.0", Element("license").Value);
        Assert.Equal("README.md", Element("readme").Value);
        Assert.NotEqual("Package Description", Element("description").Value);
        Assert.Equal((Packages.Origin, Packages.Commit), (Element("repository").Attribute("url")!.Value, Element("repository").Attribute("commit")!.Value));
        Assert.Equal(File.ReadAllBytes(Repository.PathOf("README.md")), packages.Read(name, "nupkg", "README.md"));
        Assert.NotEmpty(packages.Read(name, "nupkg", $"lib/net10.0/{name}.xml"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Symbols_lead_to_the_sources_of_the_commit(string name)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(packages.Read(name, "snupkg", $"lib/net10.0/{name}.pdb")));
        var reader = provider.GetMetadataReader();
        var link = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Single(information => reader.GetGuid(information.Kind) == SourceLink);
        var documents = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();

        Assert.Contains($"/example/netkafka/{Packages.Commit}/", Encoding.UTF8.GetString(reader.GetBlobBytes(link.Value)), StringComparison.Ordinal);
        Assert.Contains(documents, document => document.StartsWith($"/_/src/{name}/", StringComparison.Ordinal));
        Assert.All(documents, document => Assert.StartsWith("/_/", document, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Packed_assembly_is_optimised_and_has_nothing_of_the_checked_build(string name)
    {
        using var image = new PEReader(new MemoryStream(packages.Read(name, "nupkg", $"lib/net10.0/{name}.dll")));
        var reader = image.GetMetadataReader();
        var marks = Attributes(reader, "AssemblyMetadataAttribute").Select(value => Encoding.UTF8.GetString(value)).ToList();

        Assert.NotEmpty(marks);
        Assert.DoesNotContain(marks, mark => mark.Contains("NetKafkaChecked", StringComparison.Ordinal));
        var types = reader.TypeDefinitions.Select(type => reader.GetString(reader.GetTypeDefinition(type).Name)).ToList();
        Assert.DoesNotContain("Planted", types);
        Assert.DoesNotContain("Bug", types);
        // Bit 0x100 is DisableOptimizations; the value follows a prolog of two bytes.
        Assert.Equal(0, BitConverter.ToInt32(Attributes(reader, "DebuggableAttribute").Single(), 2) & 0x100);
    }

    [Fact]
    public async Task Empty_program_restores_the_packages_and_runs()
    {
        var folder = packages.CreateFolder("program", elsewhere: false);
        await Write(folder, "Program.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(Packages.Names.Select(name => $"<PackageReference Include=\"{name}\" Version=\"[{packages.Version}]\" />"))}
              </ItemGroup>
            </Project>
            """);
        await Write(folder, "Program.cs", """
            using NetKafka;
            using NetKafka.Protocol.Hashing;
            using NetKafka.Testing;

            await using var kafka = EmbeddedKafka.Start();
            kafka.CreateTopic("payments", 6);
            var partition = new TopicPartition("payments", Murmur2.Partition("Alice"u8, 6));
            Console.WriteLine($"{partition.Topic} led by {kafka.GetLeader(partition.Topic, partition.Partition)}");
            """);

        var build = await Dotnet.Run(BuildLimit, folder, "build", "-nologo", "-v", "quiet", "-o", "out");
        Assert.True(build.ExitCode == 0, build.Output + build.Error);
        var run = await Dotnet.Run(BuildLimit, folder, Path.Combine("out", "Program.dll"));

        Assert.Equal((0, "payments led by 1", ""), (run.ExitCode, run.Output.Trim(), run.Error));
        Assert.All(Packages.Names, name => Assert.True(
            Directory.Exists(Path.Combine(folder, "packages", name.ToLowerInvariant(), packages.Version)), $"{name} was restored from elsewhere."));
    }

    static Task Write(string folder, string file, string text) => File.WriteAllTextAsync(Path.Combine(folder, file), text, TestContext.Current.CancellationToken);

    /// <summary>The values of the assembly's attributes of a name, as they are stored.</summary>
    static IEnumerable<byte[]> Attributes(MetadataReader reader, string name) => reader.GetAssemblyDefinition().GetCustomAttributes()
        .Select(reader.GetCustomAttribute)
        .Where(attribute => attribute.Constructor.Kind == HandleKind.MemberReference
            && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } type
            && reader.GetString(reader.GetTypeReference((TypeReferenceHandle)type).Name) == name)
        .Select(attribute => reader.GetBlobBytes(attribute.Value));
}
