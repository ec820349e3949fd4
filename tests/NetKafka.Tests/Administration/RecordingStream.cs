using System.Buffers.Binary;
using System.Collections.Concurrent;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>A connection that keeps a copy of the answers that come over it, each with the API and version of its request.</summary>
sealed class RecordingStream(Stream inner, ConcurrentQueue<RecordedAnswer> answers) : Stream
{
    readonly ConcurrentDictionary<int, (ApiKey Api, short Version)> _asked = [];
    readonly MemoryStream _written = new();
    readonly MemoryStream _read = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        TakeRead(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        TakeRead(buffer.Span[..count]);
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        TakeWritten(buffer);
        inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        TakeWritten(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    void TakeWritten(ReadOnlySpan<byte> bytes) => TakeFrames(_written, bytes, frame => _asked[BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4))] = (
        (ApiKey)BinaryPrimitives.ReadInt16BigEndian(frame), BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(2))));

    void TakeRead(ReadOnlySpan<byte> bytes) => TakeFrames(_read, bytes, frame =>
    {
        var (api, version) = _asked[BinaryPrimitives.ReadInt32BigEndian(frame)];
        answers.Enqueue(new RecordedAnswer(api, version, frame));
    });

    static void TakeFrames(MemoryStream gathered, ReadOnlySpan<byte> bytes, Action<byte[]> take)
    {
        gathered.Write(bytes);
        while (true)
        {
            var all = gathered.GetBuffer().AsSpan(0, (int)gathered.Length);
            if (all.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(all) is var size && all.Length < size + 4)
                return;
            var frame = all.Slice(4, size).ToArray();
            var rest = all[(size + 4)..].ToArray();
            gathered.SetLength(0);
            gathered.Write(rest);
            take(frame);
        }
    }
}
