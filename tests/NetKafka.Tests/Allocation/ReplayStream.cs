using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using NetKafka.Protocol;
using NetKafka.Protocol.Records;

namespace NetKafka.Tests.Allocation;

/// <summary>
/// One connection to a <see cref="ReplayPeer"/>: what is written is answered before the write returns, unless the peer holds it.
/// </summary>
sealed class ReplayStream(ReplayPeer peer) : Stream, IValueTaskSource<int>
{
    // The answers of one write, until they are read.
    readonly byte[] _answers = new byte[16 * 1024 * 1024];
    readonly Queue<int> _held = new();
    readonly Lock _gate = new();
    int _start;
    int _end;
    Memory<byte> _reading;
    bool _isReading;
    ManualResetValueTaskSourceCore<int> _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        peer.CountRead();
        lock (_gate)
        {
            if (_end > _start)
                return new ValueTask<int>(Take(buffer));
            _read.Reset();
            (_reading, _isReading) = (buffer, true);
            return new ValueTask<int>(this, _read.Version);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        peer.CountWrite();
        lock (_gate)
        {
            for (var rest = buffer.Span; rest.Length > 0;)
            {
                var size = BinaryPrimitives.ReadInt32BigEndian(rest);
                Answer(rest.Slice(4, size));
                rest = rest[(4 + size)..];
            }
        }
        EndRead();
        return default;
    }

    /// <summary>Answers the Produce requests that were held.</summary>
    public void AnswerHeld()
    {
        lock (_gate)
        {
            while (_held.TryDequeue(out var correlationId))
                Append(peer.Produced, correlationId);
        }
        EndRead();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        bool isPending;
        lock (_gate)
            (isPending, _isReading) = (_isReading, false);
        if (isPending)
            _read.SetResult(0);
        base.Dispose(disposing);
    }

    /// <summary>Ends the read that waits, if there is something for it.</summary>
    void EndRead()
    {
        int count;
        lock (_gate)
        {
            if (!_isReading || _end == _start)
                return;
            count = Take(_reading);
            _isReading = false;
        }
        _read.SetResult(count);
    }

    int Take(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _answers.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        if (_start == _end)
            _start = _end = 0;
        return count;
    }

    void Answer(ReadOnlySpan<byte> request)
    {
        var api = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(request);
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(request[4..]);
        if (api is ApiKey.Produce or ApiKey.Fetch)
            peer.CountRequest();
        if (api == ApiKey.Produce)
        {
            if (peer.IsHeld)
                _held.Enqueue(correlationId);
            else
                Append(peer.Produced, correlationId);
        }
        else if (api == ApiKey.Fetch)
        {
            var answer = Append(peer.Fetched, correlationId);
            var offset = FetchOffset(request);
            for (var i = 0; i < ReplayPeer.BatchesOfFetch; i++)
                RecordBatchPatch.SetBaseOffset(answer[(peer.FirstBatch + i * peer.BatchBytes)..], offset + i * ReplayPeer.RecordsOfBatch);
        }
        else
        {
            var writer = new KafkaWriter();
            ReplayPeer.AnswerSetup(writer, api, BinaryPrimitives.ReadInt16BigEndian(request[2..]), correlationId);
            Append(writer.WrittenSpan, correlationId);
        }
    }

    Span<byte> Append(ReadOnlySpan<byte> frame, int correlationId)
    {
        var answer = _answers.AsSpan(_end, frame.Length);
        frame.CopyTo(answer);
        BinaryPrimitives.WriteInt32BigEndian(answer[4..], correlationId);
        _end += frame.Length;
        return answer;
    }

    /// <summary>The offset of the only partition of a Fetch request in version 11.</summary>
    static long FetchOffset(ReadOnlySpan<byte> request)
    {
        var clientIdBytes = BinaryPrimitives.ReadInt16BigEndian(request[8..]);
        var body = request[(10 + clientIdBytes)..];
        var topics = BinaryPrimitives.ReadInt32BigEndian(body[25..]);
        var nameBytes = BinaryPrimitives.ReadInt16BigEndian(body[29..]);
        if (topics != 1)
            throw new NotSupportedException($"The replay was asked for {topics} topics.");
        return BinaryPrimitives.ReadInt64BigEndian(body[(31 + nameBytes + 4 + 4 + 4)..]);
    }
}
