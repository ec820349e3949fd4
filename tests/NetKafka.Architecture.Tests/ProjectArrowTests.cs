using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Rules;

namespace NetKafka.Architecture.Tests;

public sealed class ProjectArrowTests
{
    [Fact]
    public void Projects_reference_only_what_the_architecture_allows() => Rule.Holds(
        "A project references only the projects and packages that it may.",
        Repository.Files("src", "*.csproj").Concat(Repository.Files("tools", "*.csproj"))
            .SelectMany(path => ProjectArrows.Check(path, File.ReadAllText(Repository.PathOf(path)))));

    [Fact]
    public void Reference_from_the_embedded_Kafka_to_the_client_is_found() => Rule.Finds(
        "src/NetKafka.Testing/NetKafka.Testing.csproj", 3, "NetKafka.csproj",
        ProjectArrows.Check("src/NetKafka.Testing/NetKafka.Testing.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <ProjectReference Include="../NetKafka/NetKafka.csproj" />
                <ProjectReference Include="../NetKafka.Protocol/NetKafka.Protocol.csproj" />
              </ItemGroup>
            </Project>
            """));

    [Fact]
    public void Package_that_the_wire_may_not_use_is_found() => Rule.Finds(
        "src/NetKafka.Protocol/NetKafka.Protocol.csproj", 3, "Microsoft.Extensions.Logging.Abstractions",
        ProjectArrows.Check("src/NetKafka.Protocol/NetKafka.Protocol.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <PackageReference Include="Microsoft.Extensions.Logging.Abstractions" />
                <PackageReference Include="Snappier" />
              </ItemGroup>
            </Project>
            """));

    [Fact]
    public void Project_that_no_arrow_names_is_found() => Rule.Finds(
        "src/NetKafka.Streams/NetKafka.Streams.csproj", 1, "new project",
        ProjectArrows.Check("src/NetKafka.Streams/NetKafka.Streams.csproj", "<Project />"));
}
