using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>One fetch before it is encoded. Used again for the next one of the same broker.</summary>
sealed class FetchPlan
{
    public int MaxWaitMs { get; set; }

    public int MinBytes { get; set; }

    public int MaxBytes { get; set; }

    public IsolationLevel Isolation { get; set; }

    /// <summary>The rack that the consumer runs in, for a leader that knows a nearer replica; empty for none.</summary>
    public string Rack { get; set; } = "";

    public int SessionId { get; set; }

    /// <summary>0 asks for a new session, −1 for none; any other number goes on with the session.</summary>
    public int SessionEpoch { get; set; }

    /// <summary>Whether the broker speaks a version that names topics by id, as far as is known.</summary>
    public bool AllowsTopicIds { get; set; } = true;

    /// <summary>Whether topics are named by id, which version 13 and later do and earlier ones cannot.</summary>
    public bool UsesTopicIds { get; set; }

    /// <summary>All partitions to be fetched; those of a topic in a row.</summary>
    public List<FetchTarget> All { get; } = [];

    /// <summary>Those of <see cref="All"/> that the session does not hold in this form.</summary>
    public List<FetchTarget> Changed { get; } = [];

    /// <summary>Those that the session holds and that are not to be fetched any more.</summary>
    public List<FetchTarget> Forgotten { get; } = [];
}
