namespace NetKafka.Administration;

/// <summary>A part of a topology that is worked on without the others (KIP-1071).</summary>
/// <param name="Id">Its id.</param>
/// <param name="SourceTopics">The topics that it reads.</param>
public sealed record StreamsSubtopology(string Id, IReadOnlyList<string> SourceTopics)
{
    /// <summary>The topics that it writes for other parts to read.</summary>
    public IReadOnlyList<string> RepartitionSinkTopics { get; init; } = [];

    /// <summary>The topics that other parts write for it to read.</summary>
    public IReadOnlyList<StreamsInternalTopic> RepartitionSourceTopics { get; init; } = [];

    /// <summary>The topics that hold its state.</summary>
    public IReadOnlyList<StreamsInternalTopic> StateChangelogTopics { get; init; } = [];
}
