namespace NetKafka.Load.Compare;

/// <summary>A line of the table.</summary>
/// <param name="Row">Its name.</param>
/// <param name="Peer">With whom.</param>
/// <param name="Unit">Of ours and theirs.</param>
/// <param name="Ours">Our median.</param>
/// <param name="Theirs">Their median.</param>
/// <param name="Ratio">The median of the blocks' theirs ÷ ours: more than 1 means that we are better.</param>
/// <param name="Low">The lowest of a block.</param>
/// <param name="High">The highest of a block.</param>
/// <param name="Must">What the ratio may not fall below.</param>
/// <param name="Aim">What it should reach.</param>
/// <param name="Note">Why there are no figures.</param>
sealed record RowResult(
    string Row, string Peer, string Unit, double? Ours, double? Theirs, double? Ratio, double? Low, double? High,
    double? Must, double? Aim, string? Note = null)
{
    /// <summary>Whether it was measured on a real broker.</summary>
    public bool IsReal { get; init; }

    /// <summary>How far ours lay from ours, as a factor below 1; see <see cref="NoiseFloor"/>.</summary>
    public double Noise { get; init; } = 1;

    /// <summary>Whether the bound was missed, and by more than the noise.</summary>
    public bool IsMissed => Ratio < Must * Noise;

    public string Verdict => Ratio is not { } ratio ? Note ?? "not measured"
        : IsMissed ? "MISSED"
        : Must is { } must && ratio < must ? "missed within noise"
        : Aim is { } aim ? (ratio >= aim ? "aim" : Must is null ? "below aim" : "must")
        : Must is null ? "" : "must";
}
