using System.Buffers.Binary;
using System.Net;
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
        var connection = new Connection(this, await RelayStream.ConnectAsync(endpoint, cancellation));
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

    sealed class Connection(Plug plug, Stream broker) : RelayStream(broker)
    {
        const int ApiKeyAt = 4;

        // Fetches have connections of their own.
        bool _isOfFetches;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            await plug.Passing(isAnswer: count > 0 && !_isOfFetches).WaitAsync(cancellationToken);
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await plug.Passing().WaitAsync(cancellationToken);
            if (buffer.Length >= ApiKeyAt + sizeof(short))
                _isOfFetches |= BinaryPrimitives.ReadInt16BigEndian(buffer.Span[ApiKeyAt..]) == (short)ApiKey.Fetch;
            await base.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            plug.Forget(this);
            base.Dispose(disposing);
        }
    }
}
