namespace NetKafka.Testing.Internal.Cluster;

/// <summary>One configuration that a group can have.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Type">The type code of DescribeConfigs: 1 boolean, 2 string, 3 int.</param>
/// <param name="Default">The brokers' own, which a group has that sets nothing.</param>
/// <param name="IsReadable">Whether a value is one at all.</param>
/// <param name="IsWithinBounds">Whether brokers take a value that is one.</param>
sealed record GroupConfig(
    string Name, sbyte Type, Func<ClusterSettings, string> Default, Func<string, bool> IsReadable, Func<string, bool> IsWithinBounds);
