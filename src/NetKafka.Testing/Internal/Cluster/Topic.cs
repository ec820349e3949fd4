namespace NetKafka.Testing.Internal.Cluster;

/// <summary>One topic. A topic that is deleted and created again is another object with another id.</summary>
sealed class Topic(string name, Guid id)
{
    internal string Name { get; } = name;

    internal Guid Id { get; } = id;

    internal List<Partition> Partitions { get; } = [];

    internal TopicSettings Settings { get; set; } = new();

    internal bool IsDeleted { get; set; }

    internal Partition? Find(int index) => index >= 0 && index < Partitions.Count ? Partitions[index] : null;
}
