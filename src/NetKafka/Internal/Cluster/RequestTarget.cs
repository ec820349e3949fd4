namespace NetKafka.Internal.Cluster;

/// <summary>Which broker a request is for.</summary>
readonly record struct RequestTarget
{
    RequestTarget(TargetKind kind, int nodeId, CoordinatorKey coordinator)
    {
        Kind = kind;
        NodeId = nodeId;
        CoordinatorKey = coordinator;
    }

    /// <summary>Any broker that can be reached.</summary>
    public static readonly RequestTarget AnyBroker = new(TargetKind.AnyBroker, -1, default);

    /// <summary>The controller, as the newest metadata names it.</summary>
    public static readonly RequestTarget Controller = new(TargetKind.Controller, -1, default);

    public TargetKind Kind { get; }

    public int NodeId { get; }

    public CoordinatorKey CoordinatorKey { get; }

    /// <summary>This broker and no other.</summary>
    public static RequestTarget Broker(int nodeId) => new(TargetKind.Broker, nodeId, default);

    /// <summary>The coordinator of a group or a transactional id, which is found first if it is not known.</summary>
    public static RequestTarget Coordinator(CoordinatorKey key) => new(TargetKind.Coordinator, -1, key);
}
