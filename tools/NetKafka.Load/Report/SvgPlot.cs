using System.Globalization;
using System.Net;
using System.Text;
using NetKafka.Load.Compare;

namespace NetKafka.Load.Report;

/// <summary>The ratios as a picture: <c>compare.svg</c>. A logarithmic scale, on which twice better and twice worse look alike.</summary>
static class SvgPlot
{
    const int RowHeight = 18;
    const int Left = 250;
    const int Width = 560;
    const int Right = 90;
    const int Top = 46;
    const double Lowest = 0.25;
    const double Highest = 64;

    public static string Write(IReadOnlyList<RowResult> rows)
    {
        RowResult[] measured = [.. rows.Where(row => row.Ratio is not null)];
        var height = Top + (measured.Length * RowHeight) + 24;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Left + Width + Right}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Append("<text x=\"10\" y=\"18\" font-size=\"14\" font-weight=\"bold\">theirs ÷ ours: right of 1 we are better; | must, ◊ aim</text>\n");
        for (var mark = Lowest; mark <= Highest; mark *= 2)
        {
            var x = X(mark);
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{x:0.#}\" y1=\"{Top - 6}\" x2=\"{x:0.#}\" y2=\"{height - 20}\" stroke=\"{(mark == 1 ? "#333" : "#ddd")}\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{Top - 10}\" text-anchor=\"middle\">{mark}</text>\n");
        }
        for (var i = 0; i < measured.Length; i++)
            AppendRow(svg, measured[i], Top + (i * RowHeight) + (RowHeight / 2));
        return svg.Append("</svg>\n").ToString();
    }

    static void AppendRow(StringBuilder svg, RowResult row, int y)
    {
        var color = row.Must is { } must && row.Ratio < must ? "#c0392b" : row.Must is null && row.Aim is null ? "#888" : "#1f7a4d";
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Left - 10}\" y=\"{y + 4}\" text-anchor=\"end\">{WebUtility.HtmlEncode($"{row.Row} · {row.Peer} · {row.Unit}")}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<line x1=\"{X(row.Low!.Value):0.#}\" y1=\"{y}\" x2=\"{X(row.High!.Value):0.#}\" y2=\"{y}\" stroke=\"{color}\" stroke-width=\"3\" stroke-opacity=\"0.4\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(row.Ratio!.Value):0.#}\" cy=\"{y}\" r=\"4\" fill=\"{color}\"/>\n");
        if (row.Must is { } bound)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{X(bound):0.#}\" y1=\"{y - 7}\" x2=\"{X(bound):0.#}\" y2=\"{y + 7}\" stroke=\"#000\" stroke-width=\"2\"/>\n");
        }
        if (row.Aim is { } aim)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(aim):0.#}\" y=\"{y + 4}\" text-anchor=\"middle\">◊</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + Width + 12}\" y=\"{y + 4}\">{row.Ratio:0.##}</text>\n");
    }

    static double X(double ratio) =>
        Left + (Width * Math.Log(Math.Clamp(ratio, Lowest, Highest) / Lowest) / Math.Log(Highest / Lowest));
}
