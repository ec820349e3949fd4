using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>
/// No decision depends on hash order: these collections answer lookups in the machines, but are not walked there. A walk is
/// a foreach, a spread, a call of LINQ, or handing the collection on as something that can be walked.
/// </summary>
static class HashOrder
{
    static readonly HashSet<string> Unordered =
    [
        "System.Collections.Generic.HashSet", "System.Collections.Concurrent.ConcurrentDictionary",
        "System.Collections.Immutable.ImmutableHashSet", "System.Collections.Immutable.ImmutableDictionary",
        "System.Collections.Frozen.FrozenSet", "System.Collections.Frozen.FrozenDictionary",
    ];

    public static IEnumerable<Violation> Check(SourceProject project)
    {
        foreach (var file in project.Files.Where(IsMachine))
        {
            var model = project.ModelOf(file);
            foreach (var expression in file.Root.DescendantNodes().OfType<ExpressionSyntax>())
            {
                if (model.GetTypeInfo(expression) is { Type: INamedTypeSymbol type } info
                    && UnorderedName(type) is { } name && IsWalked(expression, info, model))
                    yield return file.Violation(expression, $"walks {name}, whose order is not the same in another process");
            }
        }
    }

    static bool IsMachine(SourceFile file) =>
        file.IsUnder("Internal") && !file.IsUnder("Internal", "Runtime") && !file.Folders.Contains("Shells");

    /// <summary>The collection itself, its Keys, its Values or its enumerator.</summary>
    static string? UnorderedName(INamedTypeSymbol type)
    {
        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            for (var current = outer; current is not null; current = current.BaseType)
            {
                if (Unordered.Contains(current.OriginalDefinition.ToDisplayString(WithoutArguments)))
                    return outer.Name;
            }
        }
        return null;
    }

    static bool IsWalked(ExpressionSyntax expression, TypeInfo info, SemanticModel model) => expression.Parent switch
    {
        ForEachStatementSyntax loop when loop.Expression == expression => true,
        SpreadElementSyntax or FromClauseSyntax or JoinClauseSyntax => true,
        MemberAccessExpressionSyntax access when access.Expression == expression =>
            model.GetSymbolInfo(access).Symbol is { } member && (IsWalkingMember(member) || IsListOfEntries(member)),
        ConditionalAccessExpressionSyntax access when access.Expression == expression =>
            access.WhenNotNull.DescendantNodesAndSelf().OfType<MemberBindingExpressionSyntax>().FirstOrDefault() is { } binding
            && model.GetSymbolInfo(binding).Symbol is { } member && (IsWalkingMember(member) || IsListOfEntries(member)),
        _ => info.ConvertedType is { TypeKind: TypeKind.Interface } target
            && target.Name is "IEnumerable" or "ICollection" or "IReadOnlyCollection",
    };

    static bool IsWalkingMember(ISymbol member) => member is IMethodSymbol method
        && (method.Name is "GetEnumerator" or "CopyTo" or "ToArray" or "RemoveWhere"
            || method.ContainingType.ToDisplayString() == "System.Linq.Enumerable");

    /// <summary>Keys and Values of these collections are walked wherever they are handed on, so naming them is enough.</summary>
    static bool IsListOfEntries(ISymbol member) => member is IPropertySymbol { Name: "Keys" or "Values" or "Items" };

    static readonly SymbolDisplayFormat WithoutArguments = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
