using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// Asks, once for each time the group is joined, what the group is set to. It is for people to read: no answer, or none that this principal may
/// have, hinders nothing.
/// </summary>
sealed class ShareGroupInquiry(ShareContext context) : Machine
{
    const sbyte GroupResource = 32;
    const string Reset = "share.auto.offset.reset";
    const string Isolation = "share.isolation.level";
    const string Lock = "share.record.lock.duration.ms";

    readonly List<Action<Effects>> _reports = [];
    volatile ShareGroupSettings? _settings;
    bool _isWanted;

    /// <summary>What was answered last; null before. May be read from any thread.</summary>
    public ShareGroupSettings? Settings => _settings;

    public void Ask()
    {
        _isWanted = true;
        Wake();
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        if (!_isWanted)
            return Instant.Never;
        _isWanted = false;
        var request = new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = GroupResource, ResourceName = context.Group, ConfigurationKeys = [Reset, Isolation, Lock] }],
        };
        context.Cluster.Send(
            new Exchange<DescribeConfigsRequest, DescribeConfigsResponse>(request, OnOutcome)
            {
                Timeout = context.RequestTimeout, Deadline = now + context.RequestTimeout, Owner = this,
            },
            RequestTarget.AnyBroker, LaneKey.Control);
        return Instant.Never;
    }

    void OnOutcome(Outcome<DescribeConfigsResponse> outcome)
    {
        if (!outcome.HasResponse || outcome.Response.Results is not [{ ErrorCode: ErrorCode.None } result, ..])
            return;
        string? Find(string name) => Array.Find(result.Configs, config => config.Name == name)?.Value;
        var lockTime = long.TryParse(Find(Lock), CultureInfo.InvariantCulture, out var ms) && ms is > 0 and < int.MaxValue ? TimeSpan.FromMilliseconds(ms) : (TimeSpan?)null;
        var settings = new ShareGroupSettings(Find(Reset), Find(Isolation), lockTime);
        _settings = settings;
        _reports.Add(effects => effects.Log(logger => ClientLog.ShareGroup(logger, context.Group, settings.AutoOffsetReset, settings.IsolationLevel, settings.RecordLockDuration)));
        Wake();
    }
}
