using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using NetKafka.Protocol;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// A way to brokers that can be held up, so that nothing comes or goes until it is let go, or pulled for good: as the network sees a process
/// that stands still, or dies.
/// </summary>
sealed class Plug
{
    readonly Lock _gate = new();
    readonly List<Connection> _open = [];
    TaskCompletionSource? _hold;
    bool _isPulled;
    bool _hasHeldAnswer;

    /// <summary>For <see cref="KafkaClientOptions.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellation)
    {
        await Passing().WaitAsync(cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var connection = new Connection(this, new NetworkStream(socket, ownsSocket: true));
        lock (_gate)
        {
            if (!_isPulled)
            {
                _open.Add(connection);
                return connection;
            }
        }
        await connection.DisposeAsync();
        throw new IOException("The plug is pulled.");
    }

    /// <summary>Nothing comes or goes from now on.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _hold ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _hasHeldAnswer = false;
        }
    }

    /// <summary>What was held up comes and goes.</summary>
    /// <returns>Whether an answer was held up that is none to a fetch: what it says is as old as the hold.</returns>
    public bool LetGo()
    {
        lock (_gate)
        {
            _hold?.SetResult();
            _hold = null;
            return _hasHeldAnswer;
        }
    }

    /// <summary>All connections end, and there are no others.</summary>
    public void Pull()
    {
        Connection[] open;
        lock (_gate)
        {
            _isPulled = true;
            open = [.. _open];
        }
        foreach (var connection in open)
            connection.Dispose();
        LetGo();
    }

    /// <summary>Completes when bytes may pass.</summary>
    Task Passing(bool isAnswer = false)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isPulled, this);
            _hasHeldAnswer |= isAnswer && _hold is not null;
            return _hold?.Task ?? Task.CompletedTask;
        }
    }

    void Forget(Connection connection)
    {
        lock (_gate)
            _open.Remove(connection);
    }

    sealed class Connection(Plug plug, Stream broker) : Stream
    {
        const int ApiKeyAt = 4;

        // Fetches have connections of their own.
        bool _isOfFetches;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await broker.ReadAsync(buffer, cancellationToken);
            await plug.Passing(isAnswer: count > 0 && !_isOfFetches).WaitAsync(cancellationToken);
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await plug.Passing().WaitAsync(cancellationToken);
            if (buffer.Length >= ApiKeyAt + sizeof(short))
                _isOfFetches |= BinaryPrimitives.ReadInt16BigEndian(buffer.Span[ApiKeyAt..]) == (short)ApiKey.Fetch;
            await broker.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => broker.FlushAsync(cancellationToken);

        public override void Flush() => broker.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            plug.Forget(this);
            broker.Dispose();
            base.Dispose(disposing);
        }
    }
}
