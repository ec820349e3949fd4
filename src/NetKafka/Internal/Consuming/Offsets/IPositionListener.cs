namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>Who is told what became of positions.</summary>
interface IPositionListener
{
    /// <summary>A partition can be fetched now, or never; whoever waits for its position looks again.</summary>
    void OnPositionSettled(AssignedPartition partition);
}
