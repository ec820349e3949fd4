using System.Globalization;
using NetKafka.Load.Compare;

namespace NetKafka.Load.Report;

/// <summary>The table for programs: <c>compare.csv</c>.</summary>
static class CsvTable
{
    public const string Header = "row,peer,unit,ours,theirs,ratio,low,high,must,aim";

    public static string Write(IEnumerable<RowResult> rows) => Header + "\n" + string.Concat(rows.Select(row =>
        string.Join(',', Quote(row.Row), Quote(row.Peer), Quote(row.Unit), Say(row.Ours), Say(row.Theirs), Say(row.Ratio), Say(row.Low),
            Say(row.High), Say(row.Must), Say(row.Aim)) + "\n"));

    static string Say(double? value) => value is { } number ? number.ToString("0.####", CultureInfo.InvariantCulture) : "";

    static string Quote(string text) => text.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
