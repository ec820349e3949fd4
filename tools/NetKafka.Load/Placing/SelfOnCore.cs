using System.Reflection;
using System.Runtime.InteropServices;
using NetKafka.Load.Compare;

namespace NetKafka.Load.Placing;

/// <summary>Lets a process begin anew on one core, since it cannot be bound once it has begun.</summary>
static unsafe partial class SelfOnCore
{
    /// <summary>Takes <c>taskset</c> and this program for the process that runs; input and output stay as they are.</summary>
    /// <param name="words">The command line that it is to have: without the layout, or it would begin anew for ever.</param>
    /// <param name="core">The core.</param>
    /// <exception cref="InvalidOperationException">There is no taskset.</exception>
    public static void Restart(IEnumerable<string> words, int core)
    {
        var self = ChildRun.OfAssembly(Assembly.GetEntryAssembly()!.Location);
        var (file, all) = Placement.Bind(self.File, [.. self.Words, .. words], core);
        var pointers = new nint[all.Length + 2];
        pointers[0] = Marshal.StringToCoTaskMemUTF8(file);
        for (var i = 0; i < all.Length; i++)
            pointers[i + 1] = Marshal.StringToCoTaskMemUTF8(all[i]);
        fixed (nint* first = pointers)
            Execute(pointers[0], first);
        throw new InvalidOperationException("taskset is not here; it is part of util-linux.");
    }

    [LibraryImport("libc", EntryPoint = "execvp")]
    private static partial int Execute(nint file, nint* words);
}
