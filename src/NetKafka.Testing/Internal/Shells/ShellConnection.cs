namespace NetKafka.Testing.Internal.Shells;

/// <summary>One connection as its shell sees it: bytes to and from the machine, each with a signal to wait on.</summary>
sealed class ShellConnection(ClusterShell shell, int id)
{
    /// <summary>There may be an answer, or the broker closed.</summary>
    internal NewsSignal Readable { get; } = new();

    /// <summary>The broker may read again, or it closed.</summary>
    internal NewsSignal Writable { get; } = new();

    /// <inheritdoc cref="ClusterShell.TryReceive"/>
    internal bool TrySend(ReadOnlySpan<byte> bytes) => shell.TryReceive(id, bytes);

    /// <inheritdoc cref="ClusterShell.TryTake"/>
    internal bool TryTake(out ReadOnlyMemory<byte> bytes, out bool isClosed) => shell.TryTake(id, out bytes, out isClosed);

    /// <inheritdoc cref="ClusterShell.Report"/>
    internal void Report(Exception fault) => shell.Report(fault);

    internal void Disconnect()
    {
        shell.Disconnect(id);
        Readable.Set();
        Writable.Set();
    }
}
