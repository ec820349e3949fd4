using NetKafka.Load.Rows;

namespace NetKafka.Load.Compare;

/// <summary>One load that several clients are put under in turn. Several rows may be read off it.</summary>
/// <param name="Id">Its name in progress and in rows.</param>
/// <param name="Settings">What every client does.</param>
/// <param name="Peers">Those beside ours.</param>
/// <param name="Rows">What is read off.</param>
sealed record LoadCase(string Id, LoadSettings Settings, string[] Peers, RowSpec[] Rows)
{
    /// <summary>Against a real broker instead of the null broker.</summary>
    public bool IsReal { get; init; }

    /// <summary>Whether a time that a message takes is read off.</summary>
    public bool IsLatency => Rows.Any(row => row.Metric.IsLatency);

    /// <summary>Left out of a quick table.</summary>
    public bool IsFullOnly { get; init; }

    /// <summary>Settings of a peer that differ from ours, for a row that compares us with ourselves.</summary>
    public Func<LoadSettings, LoadSettings>? ForPeer { get; init; }
}
