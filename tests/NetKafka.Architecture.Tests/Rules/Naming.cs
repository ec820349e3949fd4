using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Names that say what a thing is, and a file for each public type.</summary>
static class Naming
{
    static readonly string[] EmptyEndings =
        ["Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Impl", "Base"];

    public static IEnumerable<Violation> CheckEndings(SourceProject project) =>
        from file in project.Files
        from type in file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let ending = EmptyEndings.FirstOrDefault(ending => type.Identifier.Text.EndsWith(ending, StringComparison.Ordinal))
        where ending is not null
        select file.Violation(type, $"{type.Identifier}: {ending} says nothing; name what it decides, moves or holds");

    /// <summary>A generic type and the plain one of the same name count as one.</summary>
    public static IEnumerable<Violation> CheckPublicTypes(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            var types = file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
                .Where(member => member.Parent is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax
                    && member.Modifiers.Any(SyntaxKind.PublicKeyword))
                .DistinctBy(NameOf).ToList();
            foreach (var second in types.Skip(1))
                yield return file.Violation(second, $"{NameOf(second)} is public, as is {NameOf(types[0])}; a file holds one public type");
        }
    }

    static string? NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declared => declared.Identifier.Text,
        DelegateDeclarationSyntax declared => declared.Identifier.Text,
        _ => null,
    };
}
