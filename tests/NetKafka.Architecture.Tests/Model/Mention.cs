using Microsoft.CodeAnalysis;

namespace NetKafka.Architecture.Tests.Model;

/// <summary>A name in the code and what it stands for.</summary>
public sealed record Mention(SourceFile File, SyntaxNode Node, ISymbol Symbol)
{
    /// <summary>The type that is named, or whose member is named; null for namespaces, locals and parameters.</summary>
    public INamedTypeSymbol? Type => Symbol as INamedTypeSymbol
        ?? (Symbol is IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol ? Symbol.ContainingType : null);

    public Violation Violation(string message) => File.Violation(Node, message);
}
