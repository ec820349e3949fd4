namespace NetKafka.Simulation.Tests.Engine;

/// <summary>Where a piece of work came from; part of the trace.</summary>
enum WorkKind : byte
{
    /// <summary>The rest of an async method of the application or the client.</summary>
    Continuation,

    /// <summary>User code from the client's dispatcher.</summary>
    Dispatch,

    /// <summary>The client's own code, put off to a later moment.</summary>
    Later,

    /// <summary>A timer of the virtual clock.</summary>
    Timer,

    /// <summary>Bytes on their way, and the ends of connections.</summary>
    Network,

    /// <summary>The fake cluster's own deadlines.</summary>
    Cluster,

    /// <summary>A fault that begins or ends.</summary>
    Fault,
}
