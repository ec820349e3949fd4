using System.Globalization;
using System.Xml;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>The configurations of groups in Kafka 4.3 that the fake knows: those of share groups, and of the consumer protocol.</summary>
static class GroupConfigNames
{
    internal const string ConsumerSessionTimeoutMs = "consumer.session.timeout.ms";
    internal const string ConsumerHeartbeatIntervalMs = "consumer.heartbeat.interval.ms";
    internal const string ShareSessionTimeoutMs = "share.session.timeout.ms";
    internal const string ShareHeartbeatIntervalMs = "share.heartbeat.interval.ms";
    internal const string ShareRecordLockDurationMs = "share.record.lock.duration.ms";
    internal const string ShareDeliveryCountLimit = "share.delivery.count.limit";
    internal const string SharePartitionMaxRecordLocks = "share.partition.max.record.locks";
    internal const string ShareAutoOffsetReset = "share.auto.offset.reset";
    internal const string ShareIsolationLevel = "share.isolation.level";
    internal const string ShareRenewAcknowledgeEnable = "share.renew.acknowledge.enable";

    /// <summary>What share.auto.offset.reset begins with where it goes back by a time.</summary>
    internal const string ByDuration = "by_duration:";

    internal static readonly GroupConfig[] All =
    [
        Number(ConsumerHeartbeatIntervalMs, settings => settings.ConsumerHeartbeatIntervalMs, 1, int.MaxValue),
        Number(ConsumerSessionTimeoutMs, settings => settings.ConsumerSessionTimeoutMs, 1, int.MaxValue),
        new(ShareAutoOffsetReset, 2, static _ => "latest", IsReset, static _ => true),
        Number(ShareDeliveryCountLimit, settings => settings.ShareDeliveryCountLimit, 2, 10),
        Number(ShareHeartbeatIntervalMs, settings => settings.ShareHeartbeatIntervalMs, 1, int.MaxValue),
        new(ShareIsolationLevel, 2, static _ => "read_uncommitted", static value => value is "read_committed" or "read_uncommitted", static _ => true),
        Number(SharePartitionMaxRecordLocks, settings => settings.SharePartitionMaxRecordLocks, 100, 4_000),
        Number(ShareRecordLockDurationMs, settings => settings.ShareRecordLockDurationMs, 1_000, 60_000),
        new(ShareRenewAcknowledgeEnable, 1, static _ => "true", static value => value is "true" or "false", static _ => true),
        Number(ShareSessionTimeoutMs, settings => settings.ShareSessionTimeoutMs, 1, int.MaxValue),
    ];

    internal static string Names => string.Join(", ", All.Select(static config => config.Name));

    internal static GroupConfig? Find(string name) => Array.Find(All, config => config.Name == name);

    /// <summary>How far back a start by duration goes; a duration as XML and Java write it.</summary>
    internal static TimeSpan DurationOf(string reset) => XmlConvert.ToTimeSpan(reset[ByDuration.Length..]);

    static bool IsReset(string value)
    {
        if (value is "latest" or "earliest")
            return true;
        if (!value.StartsWith(ByDuration, StringComparison.Ordinal))
            return false;
        try
        {
            return DurationOf(value) >= TimeSpan.Zero;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    static GroupConfig Number(string name, Func<ClusterSettings, int> ofBrokers, int least, int most) => new(
        name, 3, settings => ofBrokers(settings).ToString(CultureInfo.InvariantCulture),
        static value => Parse(value) >= 1, value => Parse(value) >= least && Parse(value) <= most);

    static int Parse(string value) => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : int.MinValue;
}
