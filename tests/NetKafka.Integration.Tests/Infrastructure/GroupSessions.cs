namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Settings of brokers that give members up soon.</summary>
static class GroupSessions
{
    public static readonly TimeSpan Session = TimeSpan.FromSeconds(3);

    public static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    /// <summary>Sessions of the consumer protocol end after <see cref="Session"/>; those of the classic one may.</summary>
    public static IReadOnlyDictionary<string, string> Short { get; } = new Dictionary<string, string>
    {
        ["group.min.session.timeout.ms"] = $"{Session.TotalMilliseconds}",
        ["group.consumer.min.session.timeout.ms"] = $"{Session.TotalMilliseconds}",
        ["group.consumer.session.timeout.ms"] = $"{Session.TotalMilliseconds}",
        ["group.consumer.min.heartbeat.interval.ms"] = $"{Heartbeat.TotalMilliseconds}",
        ["group.consumer.heartbeat.interval.ms"] = $"{Heartbeat.TotalMilliseconds}",
    };
}
