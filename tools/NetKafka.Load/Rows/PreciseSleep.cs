using System.Runtime.InteropServices;

namespace NetKafka.Load.Rows;

/// <summary>Sleeps shorter than a millisecond, which <see cref="Thread.Sleep(TimeSpan)"/> cannot.</summary>
static partial class PreciseSleep
{
    public static void For(TimeSpan length)
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep(length);
            return;
        }
        var time = new TimeSpec { Seconds = length.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = length.Ticks % TimeSpan.TicksPerSecond * 100 };
        NanoSleep(in time, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
