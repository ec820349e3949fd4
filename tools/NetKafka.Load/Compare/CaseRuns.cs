using NetKafka.Load.Measuring;

namespace NetKafka.Load.Compare;

/// <summary>All blocks of one case, and the lines that are read off them.</summary>
sealed class CaseRuns(LoadCase load, IReadOnlyList<string> participants, Func<string, string?> whyMissing)
{
    readonly List<Dictionary<string, List<RunReport>>> _blocks = [];

    public LoadCase Load => load;

    /// <summary>Ours first, then the peers that are here.</summary>
    public IReadOnlyList<string> Participants => participants;

    public int Blocks => _blocks.Count;

    public void Add(Dictionary<string, List<RunReport>> block) => _blocks.Add(block);

    public IEnumerable<RowResult> Results()
    {
        foreach (var result in All())
            yield return result with { IsReal = load.IsReal };
    }

    IEnumerable<RowResult> All()
    {
        foreach (var spec in load.Rows)
        {
            if (spec.Peer != RowSpec.Best)
            {
                yield return spec.Limit is { } limit ? AgainstLimit(spec, limit) : Against(spec, spec.Peer);
                continue;
            }
            var peers = load.Peers.Where(peer =>
                (spec.Metric.OnlyOf?.Contains(peer) ?? true) && (spec.Among?.Contains(peer) ?? true));
            RowResult[] all = [.. peers.Select(peer => Against(spec, peer))];
            var best = all.Where(result => result.Theirs is not null).MinBy(result => result.Theirs);
            foreach (var result in all)
                yield return result == best ? result : result with { Must = null, Aim = null };
        }
        if (!participants.Contains(Clients.Again))
            yield break;
        var first = load.Rows[0].Metric;
        yield return AgainstOurselves(NoiseFloor.Prefix + load.Id, first);
        foreach (var metric in load.Rows.Select(static row => row.Metric).Where(metric => metric.IsLatency && metric != first).Distinct())
            yield return AgainstOurselves($"{NoiseFloor.Prefix}{load.Id}-{metric.Unit.Split(' ')[^1]}", metric);
    }

    RowResult AgainstOurselves(string row, Metric metric) =>
        Against(new RowSpec(row, metric, Clients.Again), Clients.Again) with { Peer = "self" };

    RowResult Against(RowSpec spec, string peer)
    {
        if ((whyMissing(spec.Ours) ?? whyMissing(peer)) is { } reason)
            return Empty(spec, peer, reason);
        List<double> ratios = [], ours = [], theirs = [];
        foreach (var block in _blocks)
        {
            double[] ourRuns = [.. Values(block, spec.Ours, spec.Metric)];
            double[] theirRuns = [.. Values(block, peer, spec.Metric).Select(value => value + spec.Allowance)];
            if (ourRuns.Length == 0 || theirRuns.Length == 0)
                continue;
            ratios.Add(Statistics.Ratio(ourRuns, theirRuns));
            ours.AddRange(ourRuns);
            theirs.AddRange(theirRuns);
        }
        return ratios.Count == 0
            ? Empty(spec, peer, FirstError(peer) ?? FirstError(spec.Ours) ?? "no figure")
            : new RowResult(
                spec.Name, peer, spec.Metric.Unit, Statistics.Median(ours), Statistics.Median(theirs), Statistics.Median(ratios),
                ratios.Min(), ratios.Max(), spec.Must, spec.Aim);
    }

    /// <summary>Our figure against one that was set, not measured.</summary>
    RowResult AgainstLimit(RowSpec spec, double limit)
    {
        if (whyMissing(spec.Ours) is { } reason)
            return Empty(spec, spec.Peer, reason);
        // What lies far below its limit is as good as nothing.
        double[] ours = [.. _blocks.SelectMany(block => Values(block, spec.Ours, spec.Metric with { Floor = limit / 1000 }))];
        return ours.Length == 0
            ? Empty(spec, spec.Peer, FirstError(spec.Ours) ?? "no figure")
            : new RowResult(
                spec.Name, spec.Peer, spec.Metric.Unit, Statistics.Median(ours), limit, limit / Statistics.Median(ours),
                limit / ours.Max(), limit / ours.Min(), spec.Must, spec.Aim);
    }

    static RowResult Empty(RowSpec spec, string peer, string reason) =>
        new(spec.Name, peer, spec.Metric.Unit, null, null, null, null, null, spec.Must, spec.Aim, reason);

    static IEnumerable<double> Values(Dictionary<string, List<RunReport>> block, string client, Metric metric) =>
        block.GetValueOrDefault(client, []).Where(run => run.Error is null).Select(metric.Compared).OfType<double>();

    string? FirstError(string client) => _blocks.SelectMany(block => block.GetValueOrDefault(client, []))
        .Select(run => run.Error?.Split('\n')[0]).FirstOrDefault(error => error is not null);
}
