namespace NetKafka.Protocol.Tests;

/// <summary>What a run allocates on its thread, in bytes.</summary>
static class Allocations
{
    const int MostRuns = 50;

    /// <summary>
    /// The least of several runs, up to the first that allocates nothing. A collection that another test causes meanwhile ends
    /// the piece of heap that this thread fills, and what was left of it counts as allocated; what the run itself
    /// allocates is in every one of them.
    /// </summary>
    public static long Of(Action run)
    {
        long least = long.MaxValue;
        for (int i = 0; i < MostRuns && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
