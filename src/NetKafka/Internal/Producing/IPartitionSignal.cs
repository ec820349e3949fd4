namespace NetKafka.Internal.Producing;

/// <summary>How callers' threads tell the machine to look at a partition. Safe from any thread; many calls may become one look.</summary>
interface IPartitionSignal
{
    void Raise();
}
