using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>No state outlives a client in a static: a seed must give the same trace in another process.</summary>
static class MutableStatics
{
    /// <summary>Statics that may change, each with the reason why no decision can depend on them: "Type.Field".</summary>
    static readonly Dictionary<string, string> Reasons = new()
    {
        ["Planted._bug"] = "the run of a seed sets it for its thread before anything is decided, and only the checked build has it",
    };

    /// <summary>Prefixes of collections that are filled once and never changed.</summary>
    static readonly string[] Frozen = ["Frozen", "Immutable", "ReadOnly", "IReadOnly", "SearchValues"];

    static readonly HashSet<string> MutableTypes =
    [
        "System.Text.StringBuilder", "System.Threading.ThreadLocal", "System.Threading.AsyncLocal", "System.Threading.Lock",
        "System.Runtime.CompilerServices.ConditionalWeakTable", "System.Runtime.CompilerServices.StrongBox",
    ];

    public static IEnumerable<Violation> Check(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            var model = project.ModelOf(file);
            foreach (var node in file.Root.DescendantNodes())
            {
                var message = node switch
                {
                    VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } field => OfField(model.GetDeclaredSymbol(field)),
                    PropertyDeclarationSyntax property when IsStaticWithStorage(property) && HasSetter(property) =>
                        $"the static property {property.Identifier} can be set",
                    ElementAccessExpressionSyntax element when IsWritten(element) && model.GetSymbolInfo(element.Expression).Symbol
                        is IFieldSymbol { IsStatic: true } table && !IsInStaticConstructor(element) =>
                        $"writes an element of the static {table.Name}",
                    _ => null,
                };
                if (message is not null)
                    yield return file.Violation(node, message);
            }
        }
    }

    static string? OfField(ISymbol? declared)
    {
        if (declared is IEventSymbol { IsStatic: true })
            return $"the static event {declared.Name} keeps its handlers";
        if (declared is not IFieldSymbol { IsStatic: true, IsConst: false } field
            || Reasons.ContainsKey($"{field.ContainingType.Name}.{field.Name}"))
            return null;
        if (!field.IsReadOnly)
            return $"the static field {field.Name} is not readonly";
        return IsMutable(field.Type) ? $"the static field {field.Name} holds a {field.Type.Name}, which can change" : null;
    }

    static bool IsMutable(ITypeSymbol type) =>
        type is INamedTypeSymbol && !Frozen.Any(prefix => type.Name.StartsWith(prefix, StringComparison.Ordinal))
        && (MutableTypes.Contains(type.OriginalDefinition.ToDisplayString(WithoutArguments))
            || type.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System.Collections.Concurrent"
                && (type.Name is "ICollection" or "IList" or "IDictionary" or "ISet"
                    || type.AllInterfaces.Any(implemented => implemented.Name == "IEnumerable")));

    static bool IsStaticWithStorage(PropertyDeclarationSyntax property) =>
        property.Modifiers.Any(SyntaxKind.StaticKeyword) && !property.Modifiers.Any(SyntaxKind.AbstractKeyword)
        && property.Parent is not InterfaceDeclarationSyntax
        && property.AccessorList?.Accessors.Any(accessor => accessor.Body is null && accessor.ExpressionBody is null) == true;

    static bool HasSetter(PropertyDeclarationSyntax property) =>
        property.AccessorList!.Accessors.Any(accessor => accessor.IsKind(SyntaxKind.SetAccessorDeclaration));

    static bool IsWritten(ElementAccessExpressionSyntax element) => element.Parent switch
    {
        AssignmentExpressionSyntax assignment => assignment.Left == element,
        PostfixUnaryExpressionSyntax postfix => postfix.Kind() is SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression,
        PrefixUnaryExpressionSyntax prefix => prefix.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression,
        ArgumentSyntax argument => argument.RefKindKeyword.Kind() is SyntaxKind.RefKeyword or SyntaxKind.OutKeyword,
        _ => false,
    };

    static bool IsInStaticConstructor(SyntaxNode node) =>
        node.FirstAncestorOrSelf<ConstructorDeclarationSyntax>()?.Modifiers.Any(SyntaxKind.StaticKeyword) == true;

    static readonly SymbolDisplayFormat WithoutArguments = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
