using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Limits that keep a file and a method small enough to be read at once.</summary>
static class Sizes
{
    public const int MostFileLines = 500;
    public const int MostMethodLines = 70;

    /// <summary>Files over the limit, each with the reason why splitting it would make it harder to read.</summary>
    static readonly Dictionary<string, string> FileReasons = new();

    /// <summary>Methods over the limit by "Type.Method", each with its reason.</summary>
    static readonly Dictionary<string, string> MethodReasons = new();

    public static IEnumerable<Violation> CheckFiles(SourceProject project) =>
        from file in project.Files
        let lines = file.Text.AsSpan().TrimEnd('\n').Count('\n') + 1
        where lines > MostFileLines && !FileReasons.ContainsKey(file.Path)
        select new Violation(file.Path, MostFileLines + 1, $"{lines} lines; the limit is {MostFileLines}");

    public static IEnumerable<Violation> CheckMethods(SourceProject project) =>
        from file in project.Files
        from node in file.Root.DescendantNodes()
        let name = NameOf(node)
        where name is not null
        let span = file.Tree.GetLineSpan(node.Span)
        let lines = span.EndLinePosition.Line - file.Tree.GetLineSpan(name.Value.Span).StartLinePosition.Line + 1
        where lines > MostMethodLines && !MethodReasons.ContainsKey($"{TypeOf(node)}.{name}")
        select new Violation(file.Path, file.LineAt(name.Value.SpanStart), $"{name} has {lines} lines; the limit is {MostMethodLines}");

    static SyntaxToken? NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier,
        ConstructorDeclarationSyntax constructor => constructor.Identifier,
        DestructorDeclarationSyntax destructor => destructor.Identifier,
        OperatorDeclarationSyntax @operator => @operator.OperatorToken,
        ConversionOperatorDeclarationSyntax conversion => conversion.OperatorKeyword,
        AccessorDeclarationSyntax accessor => accessor.Keyword,
        LocalFunctionStatementSyntax local => local.Identifier,
        _ => null,
    };

    static string? TypeOf(SyntaxNode node) => node.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>()?.Identifier.Text;
}
