using System.Globalization;
using System.Runtime.InteropServices;

namespace NetKafka.Load.Measuring;

/// <summary>Processor time of processes and of the machine, from Linux.</summary>
static unsafe partial class ResourceUsage
{
    const int Self = 0;
    const int Children = -1;

    // What /proc counts in: a hundred a second, whatever the kernel's own tick.
    const double TicksPerSecond = 100;

    /// <summary>Processor time in seconds, user and system, of this process.</summary>
    public static (double User, double System) OfSelf() => Ask(Self);

    /// <summary>The same of the children that have ended and were waited for.</summary>
    public static (double User, double System) OfChildren() => Ask(Children);

    /// <summary>The same, together, of a process that runs; 0 if it is gone.</summary>
    public static double OfProcess(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            // The name may hold anything, so fields are counted from behind it.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>What all processors together have done since the start, in seconds.</summary>
    /// <returns>Busy for processes, taken by the host (steal), and all.</returns>
    public static (double Busy, double Stolen, double Total) OfMachine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(field => Number(field) / TicksPerSecond).ToArray();
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of user and nice.
        return (fields[0] + fields[1] + fields[2], fields[7], fields[..8].Sum());
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    static (double, double) Ask(int who)
    {
        // struct rusage: two timeval of two longs each, then fourteen longs.
        var usage = stackalloc long[18];
        return GetUsage(who, usage) == 0
            ? (usage[0] + (usage[1] / 1e6), usage[2] + (usage[3] / 1e6))
            : throw new InvalidOperationException("getrusage failed.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, long* usage);
}
