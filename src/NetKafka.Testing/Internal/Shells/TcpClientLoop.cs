using System.Net.Sockets;

namespace NetKafka.Testing.Internal.Shells;

/// <summary>Carries the bytes of one socket to the machine and back. It reads no further than the machine wants.</summary>
sealed class TcpClientLoop(Socket socket, ShellConnection connection)
{
    const int ReadBytes = 64 * 1024;
    readonly CancellationTokenSource closing = new();

    internal Task Completion { get; private set; } = Task.CompletedTask;

    internal void Start(Action ended) => Completion = Task.Run(() => RunAsync(ended));

    internal void Close() => closing.Cancel();

    async Task RunAsync(Action ended)
    {
        await Task.WhenAll(Guard(ReadAsync), Guard(WriteAsync)).ConfigureAwait(false);
        connection.Disconnect();
        socket.Dispose();
        ended();
    }

    /// <summary>Either direction's end, for whatever reason, ends both.</summary>
    async Task Guard(Func<Task> loop)
    {
        try
        {
            await loop().ConfigureAwait(false);
        }
        catch (Exception error) when (IsEndOfConnection(error))
        {
        }
        catch (Exception error)
        {
            connection.Report(error);
        }

        await closing.CancelAsync().ConfigureAwait(false);
    }

    static bool IsEndOfConnection(Exception error) =>
        error is SocketException or IOException or OperationCanceledException or ObjectDisposedException;

    async Task ReadAsync()
    {
        var buffer = new byte[ReadBytes];
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(), closing.Token).ConfigureAwait(false);
            if (count == 0)
                return;
            while (!connection.TrySend(buffer.AsSpan(0, count)))
                await connection.Writable.WaitAsync(closing.Token).ConfigureAwait(false);
        }
    }

    async Task WriteAsync()
    {
        while (true)
        {
            if (!connection.TryTake(out var bytes, out var isClosed))
            {
                if (isClosed)
                    return;
                await connection.Readable.WaitAsync(closing.Token).ConfigureAwait(false);
                continue;
            }

            while (!bytes.IsEmpty)
                bytes = bytes[await socket.SendAsync(bytes, closing.Token).ConfigureAwait(false)..];
        }
    }
}
