namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>How far a sticky plan goes.</summary>
enum StickyDepth
{
    /// <summary>Everybody keeps what he owns, and what is free finds its place beside it.</summary>
    Free,

    /// <summary>What is owned moves too, where that makes the loads more even.</summary>
    Loads,

    /// <summary>And where it brings partitions into the racks of their readers.</summary>
    Racks,
}
