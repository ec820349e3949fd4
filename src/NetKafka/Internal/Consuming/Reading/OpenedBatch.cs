using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>The batch that a reader has in hand: its header, and where its records lie, decompressed if they have to be.</summary>
abstract class OpenedBatch(CompressionPool compression)
{
    /// <summary>Where decompressors and their buffers come from.</summary>
    protected readonly CompressionPool Compression = compression;

    readonly DecompressionLimits _limits = new();
    GrowingBuffer? _buffer;
    FetchedSource? _decompressed;

    /// <summary>The header that is read into.</summary>
    protected RecordBatchHeader Opened;

    /// <summary>Whether a batch is open: in hand, with records for the application.</summary>
    public bool IsOpen { get; protected set; }

    /// <summary>The header of the open batch.</summary>
    public ref readonly RecordBatchHeader Header => ref Opened;

    /// <summary>Where the records of the open batch lie.</summary>
    public FetchedSource Source { get; private set; } = null!;

    /// <summary>Where in <see cref="Source"/> they begin.</summary>
    public int BodyStart { get; private set; }

    public int BodyLength { get; private set; }

    public ReadOnlySpan<byte> Body => Source.Array.AsSpan(Source.Start + BodyStart, BodyLength);

    /// <summary>Finds the records of the batch whose header was read, and decompresses them.</summary>
    protected ReadOnlySpan<byte> ReadBody(AssignedPartition owner, FetchedSource chunk)
    {
        var isCompressed = Opened.Codec != CompressionCodec.None;
        _buffer = isCompressed ? Compression.RentBuffer() : null;
        var body = RecordBatchReader.ReadBody(Opened, chunk.Bytes, Compression, _buffer!, _limits);
        if (isCompressed)
        {
            var bytes = _buffer!.WrittenSegment;
            Source = _decompressed = new FetchedSource(owner, bytes.Array!, bytes.Offset, bytes.Count);
            BodyStart = 0;
        }
        else
        {
            Source = chunk;
            chunk.Bytes.Overlaps(body, out var start);
            BodyStart = start;
        }
        BodyLength = body.Length;
        return body;
    }

    /// <summary>Hands over what the batch was decompressed to, for records that outlast the reading of it.</summary>
    protected (FetchedSource? Decompressed, GrowingBuffer? Buffer, int Bytes) TakeBytes()
    {
        var taken = (_decompressed, _buffer, _buffer is null ? Opened.SizeInBytes : BodyLength);
        (_decompressed, _buffer) = (null, null);
        return taken;
    }

    /// <summary>Leaves the open batch: views of what was decompressed for it end.</summary>
    protected void Close()
    {
        IsOpen = false;
        _decompressed?.End();
        _decompressed = null;
        if (_buffer is not null)
            Compression.Return(_buffer);
        _buffer = null;
    }
}
