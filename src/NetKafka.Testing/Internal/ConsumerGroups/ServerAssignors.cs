namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>The assignors that brokers have (group.consumer.assignors), the first of which is the default.</summary>
static class ServerAssignors
{
    static readonly IServerAssignor[] All = [new UniformAssignor(), new RangeAssignor()];

    internal static IServerAssignor Default => All[0];

    internal static string Names => string.Join(", ", All.Select(assignor => assignor.Name));

    internal static IServerAssignor? Find(string name) => Array.Find(All, assignor => assignor.Name == name);
}
