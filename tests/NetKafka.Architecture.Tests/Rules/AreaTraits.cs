using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Every integration test says by its trait Area which part of the client it is about, so that a part can be run alone.</summary>
static class AreaTraits
{
    static readonly string[] Areas = ["Wire", "Producer", "Transactions", "Consumer", "Share", "Admin", "Security"];

    public static IEnumerable<Violation> Check(SourceFile file)
    {
        foreach (var method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>())
        {
            if (!Attributes(method).Any(attribute => NameOf(attribute) is "Fact" or "Theory"))
                continue;
            var areas = method.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().SelectMany(Attributes)
                .Where(attribute => NameOf(attribute) == "Trait").Select(Arguments)
                .Where(arguments => arguments[0] == "Area").Select(arguments => arguments[1]).ToList();
            var message = areas switch
            {
                [] => $"carries no Area; write [Trait(\"Area\", …)] with one of {string.Join(", ", Areas)}",
                [var area] when !Areas.Contains(area) => $"Area {area} is none of {string.Join(", ", Areas)}",
                [_] => null,
                _ => $"carries {areas.Count} areas; a test is about one",
            };
            if (message is not null)
                yield return new Violation(file.Path, file.LineAt(method.Identifier.SpanStart), $"{method.Identifier} {message}");
        }
    }

    static IEnumerable<AttributeSyntax> Attributes(MemberDeclarationSyntax member) =>
        member.AttributeLists.SelectMany(list => list.Attributes);

    static string NameOf(AttributeSyntax attribute) => attribute.Name.ToString().Split('.')[^1].Replace("Attribute", "", StringComparison.Ordinal);

    static string[] Arguments(AttributeSyntax attribute) =>
        [.. attribute.ArgumentList!.Arguments.Select(argument => argument.Expression is LiteralExpressionSyntax literal
            ? literal.Token.ValueText
            : argument.Expression.ToString())];
}
