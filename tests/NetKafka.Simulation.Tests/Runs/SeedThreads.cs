namespace NetKafka.Simulation.Tests.Runs;

/// <summary>A thread for each core, since the world of a seed lives on one thread.</summary>
static class SeedThreads
{
    /// <summary>Runs the same work on each, and waits for all.</summary>
    public static void Run(string name, ThreadStart work)
    {
        var threads = new Thread[Environment.ProcessorCount];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(work) { Name = $"{name} {i}" };
            threads[i].Start();
        }
        foreach (var thread in threads)
            thread.Join();
    }
}
