using Microsoft.CodeAnalysis;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Types of I/O, threads and clocks, which only a runtime or a shell may name.</summary>
static class ForbiddenTypes
{
    static readonly HashSet<string> Asynchrony =
    [
        "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.TaskCompletionSource",
        "System.Threading.Tasks.TaskScheduler", "System.Threading.Tasks.Parallel",
        "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.ITimer",
        "System.Threading.PeriodicTimer", "System.TimeProvider",
    ];

    static readonly HashSet<string> InputOutput =
        ["System.IO.Stream", "System.IO.File", "System.Net.Sockets.Socket", "System.Net.Sockets.SocketAsyncEventArgs", "System.Net.Dns"];

    static readonly HashSet<string> Clocks = ["System.DateTime", "System.DateTimeOffset", "System.Diagnostics.Stopwatch"];

    /// <summary>Inside NetKafka's Internal only Runtime names them: everything else there is a machine that time and bytes are passed to.</summary>
    public static IEnumerable<Violation> CheckMachines(SourceProject project) =>
        from mention in project.Mentions
        where mention.File.IsUnder("Internal") && !mention.File.IsUnder("Internal", "Runtime")
        let type = Named(mention, [Asynchrony, InputOutput])
        where type is not null
        select mention.Violation($"names {type}; inside Internal only Runtime may");

    /// <summary>The machine of the embedded Kafka lives in Internal, its shells in a folder Shells.</summary>
    public static IEnumerable<Violation> CheckEmbeddedMachine(SourceProject project) =>
        from mention in project.Mentions
        where mention.File.IsUnder("Internal") && !mention.File.Folders.Contains("Shells")
        let type = Named(mention, [Asynchrony, InputOutput])
        where type is not null
        select mention.Violation($"names {type}; inside Internal only the Shells may");

    /// <summary>The wire has no I/O, no clock and no log. Codecs over memory may use the framework's compressing streams.</summary>
    public static IEnumerable<Violation> CheckWire(SourceProject project) =>
        from mention in project.Mentions
        let type = Named(mention, [Asynchrony, InputOutput, Clocks]) ?? Logging(mention)
        where type is not null && !(mention.File.IsUnder("Compression") && IsStreamOverMemory(mention.Type!))
        select mention.Violation($"names {type}; the wire does no I/O, tells no time and writes no log");

    static string? Named(Mention mention, HashSet<string>[] forbidden)
    {
        for (var type = mention.Type; type is not null; type = type.BaseType)
        {
            var name = type.OriginalDefinition.ToDisplayString(FullNameWithoutArguments);
            if (forbidden.Any(names => names.Contains(name)))
                return mention.Type!.ToDisplayString(FullNameWithoutArguments);
        }
        return null;
    }

    static string? Logging(Mention mention) =>
        mention.Type?.ContainingNamespace?.ToDisplayString() is "Microsoft.Extensions.Logging" or "System.Diagnostics.Tracing"
            ? mention.Type.Name
            : null;

    static bool IsStreamOverMemory(INamedTypeSymbol type) => type.ToDisplayString(FullNameWithoutArguments) is
        "System.IO.Stream" or "System.IO.MemoryStream" or "System.IO.UnmanagedMemoryStream"
        or "System.IO.Compression.GZipStream" or "System.IO.Compression.DeflateStream" or "System.IO.Compression.ZLibStream"
        || type.Locations.Any(location => location.IsInSource);

    static readonly SymbolDisplayFormat FullNameWithoutArguments = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
