using System.Runtime.InteropServices;

namespace NetKafka.Load.Broker;

/// <summary>The one call that the sockets of .NET do not offer.</summary>
static unsafe partial class LibC
{
    const int WaitAll = 0x100;
    const int Truncate = 0x20;
    const int Interrupted = 4;

    /// <summary>Drops bytes of a TCP stream inside the kernel, without a copy (MSG_TRUNC). Linux, blocking sockets.</summary>
    /// <returns>How many; 0 at the end of the stream, −1 on an error.</returns>
    public static nint Discard(nint socket, int count)
    {
        while (true)
        {
            var dropped = Receive(socket, null, (nuint)count, WaitAll | Truncate);
            if (dropped >= 0 || Marshal.GetLastPInvokeError() != Interrupted)
                return dropped;
        }
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(nint socket, byte* buffer, nuint length, int flags);
}
