using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NetKafka.Architecture.Tests.Model;

/// <summary>
/// One project of src, compiled in memory, so that a rule sees what a name stands for and not only how it is spelled.
/// Files that mention NETKAFKA_CHECKED are looked at in both builds.
/// </summary>
public sealed class SourceProject
{
    const string CheckedSymbol = "NETKAFKA_CHECKED";

    const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    static readonly string[] PlainSymbols = ["NET", "NETCOREAPP", "NET10_0", "NET10_0_OR_GREATER"];

    static readonly IReadOnlyList<(string Name, MetadataReference Reference)> Assemblies =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => (Path.GetFileNameWithoutExtension(path), MetadataReference.CreateFromFile(path))),
    ];

    readonly List<(CSharpCompilation Compilation, SourceFile[] Files)> _builds = [];
    readonly Lazy<IReadOnlyList<Mention>> _mentions;

    SourceProject(string name, IReadOnlyList<(string Path, string Text)> sources)
    {
        Name = name;
        _mentions = new(() => FindMentions().ToList());
        _builds.Add(Compile(sources, PlainSymbols, _ => true));
        if (sources.Any(source => source.Text.Contains(CheckedSymbol, StringComparison.Ordinal)))
        {
            _builds.Add(Compile(sources, [.. PlainSymbols, CheckedSymbol],
                file => file.Text.Contains(CheckedSymbol, StringComparison.Ordinal)));
        }
    }

    public static IReadOnlyList<SourceProject> OfRepository { get; } =
        [Load("NetKafka.Protocol"), Load("NetKafka"), Load("NetKafka.Testing")];

    public string Name { get; }

    /// <summary>Every file but the generated ones, which no rule of style applies to.</summary>
    public IEnumerable<SourceFile> Files => _builds.SelectMany(build => build.Files).Where(file => !file.IsGenerated);

    public IEnumerable<SourceFile> GeneratedFiles => _builds[0].Files.Where(file => file.IsGenerated);

    /// <summary>Every name in the code, XML documentation apart, with its meaning. `var` counts as the type it stands for.</summary>
    public IReadOnlyList<Mention> Mentions => _mentions.Value;

    /// <summary>A project of planted sources; each path starts below the project's folder.</summary>
    public static SourceProject Planted(string name, params (string Path, string Text)[] sources) =>
        new(name, [.. sources.Select(source => ($"src/{name}/{source.Path}", source.Text))]);

    /// <summary>The types that a file declares, nested ones too.</summary>
    public IEnumerable<INamedTypeSymbol> TypesOf(SourceFile file)
    {
        var model = ModelOf(file);
        return file.Root.DescendantNodes(node => node is not MemberDeclarationSyntax or BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax)
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Select(node => (INamedTypeSymbol)model.GetDeclaredSymbol(node)!);
    }

    public SemanticModel ModelOf(SourceFile file) =>
        _builds.First(build => build.Files.Contains(file)).Compilation.GetSemanticModel(file.Tree);

    /// <summary>
    /// Errors of the compiler in what rules look at. A source generator's part of a partial method is missing here, and that
    /// is no error: its declaration says all that a rule asks.
    /// </summary>
    public IEnumerable<Violation> Misunderstood() =>
        from file in Files
        from diagnostic in ModelOf(file).GetDiagnostics()
        where diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Id != "CS8795"
        select new Violation(file.Path, diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1, diagnostic.GetMessage());

    static SourceProject Load(string name) =>
        new(name, [.. Repository.Files($"src/{name}", "*.cs").Select(path => (path, File.ReadAllText(Repository.PathOf(path))))]);

    (CSharpCompilation, SourceFile[]) Compile(
        IEnumerable<(string Path, string Text)> sources, string[] symbols, Func<SourceFile, bool> isLookedAt)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Parse, preprocessorSymbols: symbols);
        var files = sources.Select(source => new SourceFile(source.Path, source.Text, options)).ToArray();
        var compilation = CSharpCompilation.Create(
            Name,
            [.. files.Select(file => file.Tree), CSharpSyntaxTree.ParseText(ImplicitUsings, options)],
            References(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        return (compilation, files.Where(isLookedAt).ToArray());
    }

    /// <summary>The framework and the packages as this process sees them, and of our own assemblies the lower ones only.</summary>
    IEnumerable<MetadataReference> References() => Assemblies
        .Where(assembly => !assembly.Name.StartsWith("NetKafka", StringComparison.Ordinal)
            || (assembly.Name == "NetKafka.Protocol" && Name != assembly.Name))
        .Select(assembly => assembly.Reference);

    IEnumerable<Mention> FindMentions()
    {
        foreach (var file in Files)
        {
            var model = ModelOf(file);
            foreach (var node in file.Root.DescendantNodes())
            {
                if (node is not (SimpleNameSyntax or BaseObjectCreationExpressionSyntax))
                    continue;
                var info = model.GetSymbolInfo(node);
                foreach (var symbol in info.Symbol is { } only ? [only] : info.CandidateSymbols)
                    yield return new Mention(file, node, symbol);
            }
        }
    }
}
