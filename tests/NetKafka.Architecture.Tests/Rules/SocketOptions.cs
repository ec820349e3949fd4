using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>
/// Small requests are not held back for the acknowledgement of those before them: Nagle's algorithm is off on every socket, which no test by
/// hand-made time could show.
/// </summary>
static class SocketOptions
{
    public static IEnumerable<Violation> Check(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            var model = project.ModelOf(file);
            foreach (var creation in file.Root.DescendantNodes().OfType<BaseObjectCreationExpressionSyntax>())
            {
                if (model.GetTypeInfo(creation).Type is INamedTypeSymbol { Name: "Socket", ContainingNamespace.Name: "Sockets" } && !HasNoDelay(creation))
                    yield return file.Violation(creation, "a socket without NoDelay = true");
            }
        }
    }

    static bool HasNoDelay(BaseObjectCreationExpressionSyntax creation) =>
        creation.Initializer?.Expressions.OfType<AssignmentExpressionSyntax>().Any(static assignment =>
            assignment is { Left: IdentifierNameSyntax { Identifier.Text: "NoDelay" }, Right: LiteralExpressionSyntax { Token.Text: "true" } }) == true;
}
