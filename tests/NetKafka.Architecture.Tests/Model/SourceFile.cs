using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace NetKafka.Architecture.Tests.Model;

/// <summary>A source file, parsed with one choice of the build's symbols.</summary>
public sealed class SourceFile
{
    public SourceFile(string path, string text, CSharpParseOptions options)
    {
        Path = path;
        Text = text;
        Tree = CSharpSyntaxTree.ParseText(text, options, path);
    }

    /// <summary>From the root of the repository, with forward slashes.</summary>
    public string Path { get; }

    public string Text { get; }

    public SyntaxTree Tree { get; }

    public SyntaxNode Root => Tree.GetRoot();

    public bool IsGenerated => Path.EndsWith(".g.cs", StringComparison.Ordinal);

    /// <summary>The folders between the project and the file: empty for a file beside the project.</summary>
    public string[] Folders => Path.Split('/')[2..^1];

    public bool IsUnder(params string[] folders) => Folders.Take(folders.Length).SequenceEqual(folders);

    public int LineOf(SyntaxNode node) => LineAt(node.SpanStart);

    public int LineAt(int position) => Tree.GetText().Lines.GetLineFromPosition(position).LineNumber + 1;

    public Violation Violation(SyntaxNode node, string message) => new(Path, LineOf(node), message);
}
