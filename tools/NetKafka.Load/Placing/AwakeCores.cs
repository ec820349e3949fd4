using System.Runtime.InteropServices;

namespace NetKafka.Load.Placing;

/// <summary>
/// Keeps every core from falling asleep, by a thread for each that spins at idle priority: whoever has something to do takes
/// the core from it at once. An idle processor of a virtual machine can take tens of microseconds to wake up, which would be
/// most of a round trip. Threads of this process, so that they end with it and count as its own.
/// </summary>
sealed unsafe partial class AwakeCores : IDisposable
{
    /// <summary>SCHED_IDLE, what <c>chrt -i 0</c> sets.</summary>
    const int IdlePolicy = 5;

    readonly Thread[] _threads;
    readonly CountdownEvent _begun;
    volatile bool _isOver;
    volatile bool _isRefused;

    /// <exception cref="InvalidOperationException">The system does not allow it.</exception>
    public AwakeCores()
    {
        var cores = Placement.Cores();
        _begun = new CountdownEvent(cores.Length);
        _threads = [.. cores.Select(core => new Thread(() => Spin(core)) { IsBackground = true, Name = $"awake {core}" })];
        foreach (var thread in _threads)
            thread.Start();
        _begun.Wait();
        if (!_isRefused)
            return;
        Dispose();
        throw new InvalidOperationException("Threads could not be given idle priority on a core of their own, so cores are not kept awake.");
    }

    public void Dispose()
    {
        _isOver = true;
        foreach (var thread in _threads)
            thread.Join();
        _begun.Dispose();
    }

    void Spin(int core)
    {
        var mask = 1UL << core;
        var priority = 0;
        var isSet = OperatingSystem.IsLinux() && SetAffinity(0, sizeof(ulong), &mask) == 0 && SetScheduler(0, IdlePolicy, &priority) == 0;
        _isRefused |= !isSet;
        _begun.Signal();
        while (isSet && !_isOver)
        {
        }
    }

    /// <summary>Of the calling thread, where <paramref name="thread"/> is 0.</summary>
    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* priority);
}
