using System.Globalization;
using System.Text;
using NetKafka.Load.Compare;

namespace NetKafka.Load.Report;

/// <summary>The table for readers: <c>compare.md</c>, and the console.</summary>
static class MarkdownTable
{
    public static string Write(IReadOnlyList<string> machine, IReadOnlyList<RowResult> rows)
    {
        var text = new StringBuilder("# NetKafka beside other clients\n\n");
        foreach (var line in machine)
            text.Append("- ").Append(line).Append('\n');
        text.Append("\nRatio is theirs ÷ ours: more than 1 means that we are better. It is the median of the blocks, with the lowest and the highest.\n\n");
        text.Append("| row | peer | unit | ours | theirs | ratio | low – high | must | aim | |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Row} | {row.Peer} | {row.Unit} | {Say(row.Ours)} | {Say(row.Theirs)} | {Say(row.Ratio)} | {Range(row)} | {Say(row.Must)} | {Say(row.Aim)} | {row.Verdict} |\n");
        }
        return text.ToString();
    }

    /// <summary>The same in columns of one width.</summary>
    public static string WriteForConsole(IReadOnlyList<RowResult> rows)
    {
        string[][] cells =
        [
            ["row", "peer", "unit", "ours", "theirs", "ratio", "low – high", "must", "aim", ""],
            .. rows.Select(row => (string[])
                [row.Row, row.Peer, row.Unit, Say(row.Ours), Say(row.Theirs), Say(row.Ratio), Range(row), Say(row.Must), Say(row.Aim), row.Verdict]),
        ];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
        return string.Concat(cells.Select(row => string.Join("  ", row.Select((cell, column) =>
            column is >= 3 and <= 8 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd() + "\n"));
    }

    static string Range(RowResult row) => row.Low is null ? "" : $"{Say(row.Low)} – {Say(row.High)}";

    static string Say(double? value) => value is not { } number ? ""
        : Math.Abs(number) >= 100 ? number.ToString("0", CultureInfo.InvariantCulture)
        : number.ToString("0.###", CultureInfo.InvariantCulture);
}
