using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>
/// An admin call under way: asks, takes the answer, and asks again for what is still open, until everything is answered or
/// its deadline has come.
/// </summary>
abstract class Inquiry
{
    /// <summary>When to ask (again); never while an answer is awaited.</summary>
    public Instant AskAt { get; protected set; } = Instant.Start;

    public abstract Instant Deadline { get; }

    /// <summary>Whether the caller has his answer.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Sends the request for what is open.</summary>
    public abstract void Ask(ICluster cluster, Instant now);

    /// <summary>Ends the call with an error.</summary>
    public abstract void Fail(Exception error, Effects effects);

    /// <summary>Gives the caller his answer if there is one; past the deadline there always is.</summary>
    public abstract void Conclude(ICluster cluster, Instant now, Effects effects);
}
