using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>A topic to be created.</summary>
sealed record TopicOrder(string Name)
{
    /// <summary>-1: the cluster's default.</summary>
    internal int Partitions { get; init; } = -1;

    /// <summary>-1: the cluster's default, cut to the brokers that run.</summary>
    internal int ReplicationFactor { get; init; } = -1;

    /// <summary>Replicas of each partition, the leader first; null: spread over the brokers.</summary>
    internal int[][]? Assignments { get; init; }

    internal IReadOnlyList<(string Name, string? Value)> Configs { get; init; } = [];

    internal bool ValidateOnly { get; init; }
}

/// <summary>How it went, and the topic where there is one.</summary>
readonly record struct TopicResult(ErrorCode Error, string? Message, Topic? Topic)
{
    internal static TopicResult Refused(ErrorCode error, string? message) => new(error, message, null);
}
