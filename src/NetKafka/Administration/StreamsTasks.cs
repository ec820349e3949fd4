namespace NetKafka.Administration;

/// <summary>The tasks of a member of a streams group (KIP-1071).</summary>
/// <param name="Active">What it works on.</param>
/// <param name="Standby">Whose state it keeps beside the member that works on it.</param>
/// <param name="WarmUp">Whose state it is catching up with, to work on it then.</param>
public sealed record StreamsTasks(IReadOnlyList<StreamsTask> Active, IReadOnlyList<StreamsTask> Standby, IReadOnlyList<StreamsTask> WarmUp);
