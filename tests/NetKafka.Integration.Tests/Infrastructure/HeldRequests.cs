using System.Buffers.Binary;
using System.Net;
using NetKafka.Protocol;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// A way to brokers that holds back the first request of one API: its client loses the connection, and the broker gets the request when
/// the test says so, however much has happened since.
/// </summary>
sealed class HeldRequests(ApiKey api)
{
    readonly TaskCompletionSource<(Stream Broker, byte[] Frame)> _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _readEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _isHolding = 1;

    /// <summary>For <see cref="KafkaClientOptions.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellation) =>
        new Connection(this, await RelayStream.ConnectAsync(endpoint, cancellation));

    /// <summary>Ends when the request is held.</summary>
    public Task Held => _held.Task;

    /// <summary>Gives the request to the broker, on the connection that it was for.</summary>
    /// <returns>What the broker answered.</returns>
    public async Task<byte[]> Release(CancellationToken cancellation)
    {
        var (broker, frame) = await _held.Task;
        await _readEnded.Task.WaitAsync(cancellation);
        await broker.WriteAsync(frame, cancellation);
        var size = new byte[sizeof(int)];
        await broker.ReadExactlyAsync(size, cancellation);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await broker.ReadExactlyAsync(answer, cancellation);
        await broker.DisposeAsync();
        return answer;
    }

    /// <summary>Whether a request is the one to be held.</summary>
    bool TryHold(Stream broker, byte[] frame)
    {
        if (BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(sizeof(int))) != (short)api || Interlocked.Exchange(ref _isHolding, 0) == 0)
            return false;
        _held.SetResult((broker, frame));
        return true;
    }

    /// <summary>Looks at requests on their way, one whole frame after the other.</summary>
    sealed class Connection(HeldRequests owner, Stream broker) : RelayStream(broker)
    {
        readonly MemoryStream _pending = new();
        readonly CancellationTokenSource _cut = new();
        volatile bool _isCut;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
            try
            {
                return await base.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException) when (_isCut)
            {
                // From here on what the broker answers is for who releases the request.
                owner._readEnded.TrySetResult();
                return 0;
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isCut)
                throw new IOException("The connection was cut.");
            await _pending.WriteAsync(buffer, cancellationToken);
            while (TryTakeFrame(out var frame))
            {
                if (owner.TryHold(Inner, frame))
                {
                    _isCut = true;
                    await _cut.CancelAsync();
                    return;
                }
                await Inner.WriteAsync(frame, cancellationToken);
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        // The way to the broker stays open where a request is held for it.
        protected override void Dispose(bool disposing) => base.Dispose(disposing && !_isCut);

        bool TryTakeFrame(out byte[] frame)
        {
            frame = [];
            var bytes = _pending.GetBuffer().AsSpan(0, (int)_pending.Length);
            if (bytes.Length < sizeof(int) || BinaryPrimitives.ReadInt32BigEndian(bytes) + sizeof(int) is var size && bytes.Length < size)
                return false;
            frame = bytes[..size].ToArray();
            var rest = bytes[size..].ToArray();
            _pending.SetLength(0);
            _pending.Write(rest);
            return true;
        }
    }
}
