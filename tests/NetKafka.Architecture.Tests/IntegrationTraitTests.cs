using Microsoft.CodeAnalysis.CSharp;
using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Rules;

namespace NetKafka.Architecture.Tests;

public sealed class IntegrationTraitTests
{
    const string Project = "tests/NetKafka.Integration.Tests";

    [Fact]
    public void Integration_test_carries_its_area() => Rule.Holds(
        "Every integration test carries one trait Area.",
        Repository.Files(Project, "*.cs").Select(path => Parse(path, File.ReadAllText(Repository.PathOf(path)))).SelectMany(AreaTraits.Check));

    [Fact]
    public void Area_of_the_class_counts_for_its_tests() => Assert.Empty(AreaTraits.Check(Parse(
        $"{Project}/Planted.cs", """[Trait("Area", "Wire")] public class Planted { [Fact] public void Test() { } }""")));

    [Theory]
    [InlineData("[Fact]", "no Area")]
    [InlineData("[Xunit.TheoryAttribute]", "no Area")]
    [InlineData("""[Fact, Trait("Area", "Wires")]""", "Wires")]
    [InlineData("""[Fact, Trait("Area", "Wire"), Trait("Area", "Admin")]""", "2 areas")]
    public void Test_without_one_known_area_is_found(string attributes, string message) => Rule.Finds(
        $"{Project}/Planted.cs", 1, message,
        AreaTraits.Check(Parse($"{Project}/Planted.cs", $"public class Planted {{ {attributes} public void Test() {{ }} }}")));

    static SourceFile Parse(string path, string text) => new(path, text, CSharpParseOptions.Default);
}
