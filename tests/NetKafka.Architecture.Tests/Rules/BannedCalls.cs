using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Calls that hide time, chance or a thread from the caller.</summary>
static class BannedCalls
{
    static readonly Dictionary<string, string> Everywhere = new()
    {
        ["System.Diagnostics.Stopwatch"] = "time is passed in, or comes from the TimeProvider",
        ["System.Environment.TickCount"] = "time is passed in, or comes from the TimeProvider",
        ["System.Environment.TickCount64"] = "time is passed in, or comes from the TimeProvider",
        ["System.Random.Shared"] = "chance is passed in",
        ["System.Guid.NewGuid"] = "chance is passed in",
        ["System.Guid.CreateVersion7"] = "chance is passed in",
        ["System.Threading.Thread.Sleep"] = "nothing waits by sleeping",
        ["System.Console"] = "a library does not print",
        ["System.Buffers.ArrayPool.Shared"] = "a lease has one owner; take it from an own pool",
    };

    /// <summary>Each of these escapes a one-thread scheduler to the pool.</summary>
    static readonly HashSet<string> Escapes =
    [
        "System.Threading.Tasks.Task.Run", "System.Threading.Tasks.TaskFactory.StartNew",
        "System.Threading.Tasks.Task.ConfigureAwait", "System.Threading.Tasks.ValueTask.ConfigureAwait",
        "System.Threading.Tasks.TaskAsyncEnumerableExtensions.ConfigureAwait",
        "System.Threading.SemaphoreSlim", "System.IO.Pipelines.Pipe",
    ];

    /// <summary>
    /// Code that stands outside every scheduler: a simulation brings its own transport, and a continuation of these must never
    /// come back to the context of the caller who happened to run the turn.
    /// </summary>
    static readonly HashSet<string> OutsideTheScheduler =
        ["src/NetKafka/Internal/Runtime/HostLookup.cs", "src/NetKafka/Internal/Runtime/StreamConnection.cs"];

    static readonly HashSet<string> WallClock =
        ["System.DateTime.Now", "System.DateTime.UtcNow", "System.DateTime.Today", "System.DateTimeOffset.Now", "System.DateTimeOffset.UtcNow"];

    public static IEnumerable<Violation> Check(SourceProject project)
    {
        foreach (var mention in project.Mentions)
        {
            var member = mention.Symbol is INamedTypeSymbol or INamespaceSymbol ? null : FullName(mention.Symbol);
            var type = mention.Type is { } named ? FullName(named) : null;
            if (new[] { type, member }.FirstOrDefault(name => name is not null && Everywhere.ContainsKey(name)) is { } banned)
                yield return mention.Violation($"{banned}: {Everywhere[banned]}");
            else if (new[] { type, member }.FirstOrDefault(name => name is not null && Escapes.Contains(name)) is { } escape
                && !mention.File.Folders.Contains("Shells") && !OutsideTheScheduler.Contains(mention.File.Path))
                yield return mention.Violation($"{escape} leaves a one-thread scheduler for the pool");
            // A Random that was handed over is chance passed in; making one is not.
            else if (mention.Symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } && type == "System.Random"
                && mention.File.Folders is ["Internal", ..] && !mention.File.Folders.Contains("Shells"))
                yield return mention.Violation("new System.Random: chance is passed in");
            else if (member is not null && WallClock.Contains(member) && !MayReadTheClock(mention))
                yield return mention.Violation($"{member}: only the runtime and the entry types read the clock");
        }
    }

    static bool MayReadTheClock(Mention mention) =>
        mention.File.IsUnder("Internal", "Runtime")
        || (mention.File.Path.StartsWith("src/NetKafka/", StringComparison.Ordinal)
            && mention.Node.AncestorsAndSelf().OfType<BaseTypeDeclarationSyntax>().LastOrDefault() is { } type
            && Layers.OfName("NetKafka", type.Identifier.Text) is { Name: "entry types" });

    static string FullName(ISymbol symbol) =>
        symbol is INamedTypeSymbol
            ? symbol.OriginalDefinition.ToDisplayString(WithoutArguments)
            : symbol.ContainingType is { } type ? $"{FullName(type)}.{symbol.Name}" : symbol.Name;

    static readonly SymbolDisplayFormat WithoutArguments = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
