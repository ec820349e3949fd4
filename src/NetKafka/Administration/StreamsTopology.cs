namespace NetKafka.Administration;

/// <summary>What the members of a streams group work on (KIP-1071).</summary>
/// <param name="Epoch">How often it has changed.</param>
/// <param name="Subtopologies">Its parts, by their ids; each is worked on in tasks, one a partition.</param>
public sealed record StreamsTopology(int Epoch, IReadOnlyList<StreamsSubtopology> Subtopologies);
