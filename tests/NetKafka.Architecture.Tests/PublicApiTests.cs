using Microsoft.CodeAnalysis;
using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.PublicApi;

namespace NetKafka.Architecture.Tests;

/// <summary>
/// What users can call is written in a file a package, so that a change to it is seen in review. The generated messages are
/// left out: the schema decides them.
/// </summary>
public sealed class PublicApiTests
{
    const string Accept = "NETKAFKA_ACCEPT_API";

    [Theory]
    [InlineData("NetKafka")]
    [InlineData("NetKafka.Protocol")]
    [InlineData("NetKafka.Testing")]
    public void Public_api_is_the_written_one(string assembly)
    {
        var file = Repository.PathOf($"tests/NetKafka.Architecture.Tests/PublicApi/{assembly}.txt");
        var actual = PublicApiText.Of(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"), GeneratedTypes(assembly));
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(file, actual);

        var written = File.Exists(file) ? File.ReadAllText(file) : "";

        Assert.True(written == actual, $"""
            The public API of {assembly} is not the one in PublicApi/{assembly}.txt:
            {Difference(written, actual)}
            Where the change is meant, accept it and commit the file:
            {Accept}=1 dotnet test --project tests/NetKafka.Architecture.Tests
            """);
    }

    [Fact]
    public void Difference_shows_what_went_and_what_came() => Assert.Equal(
        "- public class A\n- public int Old { get; }\n+ public sealed class A",
        Difference("public class A\npublic int Old { get; }\npublic int Kept { get; }\n", "public sealed class A\npublic int Kept { get; }\n"));

    [Fact]
    public void Surface_has_public_and_protected_members_only()
    {
        var surface = PublicApiText.Of(typeof(PublicApiTests).Assembly.Location, new HashSet<string>()).Split('\n');

        Assert.Equal(
            [
                "public abstract class NetKafka.Architecture.Tests.Shape<T> : IDisposable",
                "    protected Shape()",
                "    public abstract T? Area { get; }",
                "    public event Action? Changed",
                "    public static Shape<T>? Named(string name, int most = 3)",
                "    public void Dispose()",
                "public enum NetKafka.Architecture.Tests.Shape<T>.Kind : byte",
                "    Round = 1",
            ],
            surface.SkipWhile(line => !line.Contains("Tests.Shape<T>", StringComparison.Ordinal)).Take(8));
    }

    static HashSet<string> GeneratedTypes(string assembly)
    {
        var project = SourceProject.OfRepository.Single(project => project.Name == assembly);
        return [.. project.GeneratedFiles.SelectMany(project.TypesOf).Select(type => type.ToDisplayString(PublicApiText.FullName))];
    }

    static string Difference(string written, string actual)
    {
        var (before, after) = (written.TrimEnd('\n').Split('\n'), actual.TrimEnd('\n').Split('\n'));
        return string.Join('\n', before.Except(after).Select(line => $"- {line.Trim()}").Concat(after.Except(before).Select(line => $"+ {line.Trim()}")));
    }
}

/// <summary>A surface with one of each, for the test above.</summary>
public abstract class Shape<T> : IDisposable
{
    public enum Kind : byte
    {
        Round = 1,
    }

    public event Action? Changed;

    public abstract T? Area { get; }

    internal int Hidden { get; set; }

    public static Shape<T>? Named(string name, int most = 3) => name.Length > most ? null : default;

    public void Dispose() => Changed?.Invoke();
}
