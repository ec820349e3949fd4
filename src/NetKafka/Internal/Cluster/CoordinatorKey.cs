namespace NetKafka.Internal.Cluster;

/// <summary>Whose coordinator is meant: a group's (type 0), a transactional id's (1) or a share group's (2).</summary>
readonly record struct CoordinatorKey(sbyte Type, string Key)
{
    public static CoordinatorKey Group(string groupId) => new(0, groupId);

    public static CoordinatorKey Transaction(string transactionalId) => new(1, transactionalId);

    public override string ToString() => Type switch
    {
        0 => $"group '{Key}'",
        1 => $"transactional id '{Key}'",
        _ => $"share group '{Key}'",
    };
}
