namespace NetKafka.Testing.Internal.Shells;

/// <summary>
/// A client's end of a connection that is not a socket. A write is handled by the broker before it returns, so its answer can
/// be read without waiting. One reader and one writer at a time.
/// </summary>
sealed class InMemoryStream(ShellConnection connection) : Stream
{
    ReadOnlyMemory<byte> current;
    volatile bool isDisposed;

    public override bool CanRead => !isDisposed;

    public override bool CanWrite => !isDisposed;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        return TryRead(buffer.Span, out var count) ? new ValueTask<int>(count) : ReadSlowAsync(buffer, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return buffer.IsEmpty || connection.TrySend(buffer.Span)
            ? ValueTask.CompletedTask
            : WriteSlowAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            connection.Disconnect();
        }

        base.Dispose(disposing);
    }

    async ValueTask<int> ReadSlowAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count;
        while (!TryRead(buffer.Span, out count))
            await connection.Readable.WaitAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    async ValueTask WriteSlowAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        do
        {
            await connection.Writable.WaitAsync(cancellationToken).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(isDisposed, this);
        }
        while (!connection.TrySend(buffer.Span));
    }

    bool TryRead(Span<byte> buffer, out int count)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        count = 0;
        if (buffer.IsEmpty)
            return true;
        if (current.IsEmpty && !connection.TryTake(out current, out var isClosed))
            return isClosed;
        count = Math.Min(buffer.Length, current.Length);
        current.Span[..count].CopyTo(buffer);
        current = current[count..];
        return true;
    }
}
