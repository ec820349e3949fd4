namespace NetKafka.Load.Compare;

/// <summary>A line of the table before it is measured.</summary>
/// <param name="Name">As in the goals: the number, and where a number has several lines a word.</param>
/// <param name="Metric">What is compared.</param>
/// <param name="Peer">With whom; "best" for the best of the case's peers, and then each peer has a line without a bound.</param>
/// <param name="Must">What the ratio may not fall below.</param>
/// <param name="Aim">What it should reach.</param>
sealed record RowSpec(string Name, Metric Metric, string Peer, double? Must = null, double? Aim = null)
{
    public const string Best = "best";

    /// <summary>Which of our clients the row is about.</summary>
    public string Ours { get; init; } = Clients.Ours;

    /// <summary>Of whom the best is taken; null for all of the case's peers.</summary>
    public string[]? Among { get; init; }

    /// <summary>For a row whose other side is no client but a figure: ours through it.</summary>
    public double? Limit { get; init; }

    /// <summary>What we may have beyond theirs; it is added to theirs.</summary>
    public double Allowance { get; init; }
}
