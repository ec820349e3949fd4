using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>What is left to do stands in an issue, and a file that needs folding is two files.</summary>
static class UnfinishedWork
{
    static readonly string[] Marks = ["TODO", "FIXME", "HACK", "XXX"];

    public static IEnumerable<Violation> Check(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            foreach (var trivia in file.Root.DescendantTrivia(descendIntoTrivia: false))
            {
                if (trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))
                    yield return new Violation(file.Path, file.LineAt(trivia.SpanStart), "#region; split the file by idea");
                else if (IsComment(trivia.Kind()) && Marks.FirstOrDefault(mark => HoldsWord(trivia.ToString(), mark)) is { } mark)
                    yield return new Violation(file.Path, file.LineAt(trivia.SpanStart), $"{mark} in a comment; write an issue, or do it");
            }
        }
    }

    static bool IsComment(SyntaxKind kind) => kind is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
        or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    static bool HoldsWord(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                return true;
        }
        return false;
    }
}
