namespace NetKafka.Internal.Cluster;

/// <summary>Which connection to a broker: a role and, where each user of the role has its own, the user's number.</summary>
readonly record struct LaneKey(LaneRole Role, int Owner = 0)
{
    public static readonly LaneKey Control = new(LaneRole.Control);

    public static readonly LaneKey Produce = new(LaneRole.Produce);

    public static readonly LaneKey Admin = new(LaneRole.Admin);
}
