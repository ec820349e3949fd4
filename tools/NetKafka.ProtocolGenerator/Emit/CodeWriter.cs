using System.Text;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Collects the lines of one source file; lines end in LF on every system.</summary>
sealed class CodeWriter
{
    readonly StringBuilder _text = new();
    int _depth;

    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0)
        {
            _text.Append(' ', 4 * _depth).Append(line);
        }
        _text.Append('\n');
        return this;
    }

    /// <summary>A head, an opening brace, what the body writes, a closing brace.</summary>
    public void Block(string head, Action body, string close = "}")
    {
        if (head.Length > 0)
        {
            Line(head);
        }
        Line("{");
        _depth++;
        body();
        _depth--;
        Line(close);
    }

    /// <summary>The body inside <c>if</c>, or bare where there is no condition.</summary>
    public void When(string? condition, Action body)
    {
        if (condition is null)
        {
            body();
        }
        else
        {
            Block($"if ({condition})", body);
        }
    }

    public override string ToString() => _text.ToString();
}
