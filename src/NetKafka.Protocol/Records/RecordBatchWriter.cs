using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Hashing;
using Layout = NetKafka.Protocol.Records.RecordBatchLayout;

namespace NetKafka.Protocol.Records;

/// <summary>
/// Builds a record batch of format version 2 straight into a piece of an array that the caller owns. It can be reused for
/// any number of batches and allocates nothing for a record. Not thread-safe.
/// </summary>
public sealed class RecordBatchWriter
{
    byte[] _buffer = [];
    int _start;
    int _position;
    int _end;
    int _nextOffsetDelta;
    long _baseTimestampMs;
    long _maxTimestampMs;

    /// <summary>How many records are in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The size of the batch so far in bytes, its header included; before compression.</summary>
    public int BytesUsed => _position - _start;

    /// <summary>How many bytes are left for records.</summary>
    public int BytesFree => _end - _position;

    /// <summary>The timestamp of the first record, to which the others are relative; 0 while there is none.</summary>
    public long BaseTimestampMs => _baseTimestampMs;

    /// <summary>The largest timestamp so far; 0 while there is no record.</summary>
    public long MaxTimestampMs => _maxTimestampMs;

    /// <summary>The offset delta that the next record gets.</summary>
    public int NextOffsetDelta => _nextOffsetDelta;

    /// <summary>The size of the header that precedes the records: 61 bytes.</summary>
    public static int HeaderSize => Layout.HeaderSize;

    /// <summary>The most bytes that a record can take in a batch, whatever its timestamp and place.</summary>
    /// <param name="keyLength">The length of the key in bytes; −1 for null.</param>
    /// <param name="valueLength">The length of the value in bytes; −1 for null.</param>
    /// <param name="headers">The headers.</param>
    public static long UpperBound(int keyLength, int valueLength, ReadOnlySpan<Header> headers) =>
        RecordEncoder.UpperBound(keyLength, valueLength, RecordEncoder.HeadersSize(headers));

    /// <summary>Begins an empty batch in a piece of an array.</summary>
    /// <param name="buffer">The array; the writer uses it until the next call of this method.</param>
    /// <param name="offset">Where the piece starts.</param>
    /// <param name="capacity">How large it is; at least <see cref="HeaderSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The piece lies outside the array or is too small for a header.
    /// </exception>
    public void Begin(byte[] buffer, int offset, int capacity)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, Layout.HeaderSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, buffer.Length - offset);
        _buffer = buffer;
        _start = offset;
        _end = offset + capacity;
        Reset();
    }

    /// <summary>Drops all records and begins again in the same piece.</summary>
    public void Reset()
    {
        _position = _start + Layout.HeaderSize;
        Count = 0;
        _nextOffsetDelta = 0;
        _baseTimestampMs = 0;
        _maxTimestampMs = 0;
    }

    /// <summary>Appends a record if it fits.</summary>
    /// <param name="timestampMs">Its timestamp in milliseconds since 1970.</param>
    /// <param name="key">The bytes of its key.</param>
    /// <param name="keyIsNull">True for a null key; the bytes do not count then.</param>
    /// <param name="value">The bytes of its value.</param>
    /// <param name="valueIsNull">True for a null value; the bytes do not count then.</param>
    /// <param name="headers">Its headers, in order.</param>
    /// <returns>
    /// False, with nothing changed, if it does not fit in the bytes left, or if its offset or timestamp lies too far from the
    /// first record's: the batch has to be closed and the record goes into another one.
    /// </returns>
    public bool TryAppend(
        long timestampMs,
        ReadOnlySpan<byte> key,
        bool keyIsNull,
        ReadOnlySpan<byte> value,
        bool valueIsNull,
        ReadOnlySpan<Header> headers = default)
    {
        int keyLength = keyIsNull ? -1 : key.Length;
        int valueLength = valueIsNull ? -1 : value.Length;
        int headersSize = headers.IsEmpty ? 1 : RecordEncoder.HeadersSize(headers);
        if (!TryWriteFrame(timestampMs, keyLength, valueLength, headersSize, out int keyAt, out int valueAt)) return false;
        if (!keyIsNull) key.CopyTo(_buffer.AsSpan(keyAt));
        if (!valueIsNull) value.CopyInPieces(_buffer.AsSpan(valueAt));
        WriteHeaders(headers, headersSize);
        return true;
    }

    /// <summary>Appends a record whose headers are encoded already.</summary>
    /// <param name="timestampMs">Its timestamp in milliseconds since 1970.</param>
    /// <param name="key">The bytes of its key.</param>
    /// <param name="keyIsNull">True for a null key; the bytes do not count then.</param>
    /// <param name="value">The bytes of its value.</param>
    /// <param name="valueIsNull">True for a null value; the bytes do not count then.</param>
    /// <param name="encodedHeaders">The headers as they stand in a record, their count first.</param>
    /// <returns>As <see cref="TryAppend"/>.</returns>
    internal bool TryAppendEncoded(
        long timestampMs,
        ReadOnlySpan<byte> key,
        bool keyIsNull,
        ReadOnlySpan<byte> value,
        bool valueIsNull,
        ReadOnlySpan<byte> encodedHeaders)
    {
        int keyLength = keyIsNull ? -1 : key.Length;
        int valueLength = valueIsNull ? -1 : value.Length;
        int headersSize = encodedHeaders.Length;
        if (!TryWriteFrame(timestampMs, keyLength, valueLength, headersSize, out int keyAt, out int valueAt)) return false;
        if (!keyIsNull) key.CopyTo(_buffer.AsSpan(keyAt));
        if (!valueIsNull) value.CopyInPieces(_buffer.AsSpan(valueAt));
        encodedHeaders.CopyTo(_buffer.AsSpan(_position - headersSize));
        return true;
    }

    /// <summary>
    /// Appends a record without the bytes of its key and value, so that a large one can be copied in outside of a lock.
    /// </summary>
    /// <param name="timestampMs">Its timestamp in milliseconds since 1970.</param>
    /// <param name="keyLength">The length of its key; −1 for null.</param>
    /// <param name="valueLength">The length of its value; −1 for null.</param>
    /// <param name="headers">Its headers, in order; written at once.</param>
    /// <param name="reservation">Where the bytes belong.</param>
    /// <returns>As <see cref="TryAppend"/>.</returns>
    public bool TryReserve(
        long timestampMs, int keyLength, int valueLength, ReadOnlySpan<Header> headers, out RecordReservation reservation)
    {
        int headersSize = headers.IsEmpty ? 1 : RecordEncoder.HeadersSize(headers);
        if (!TryWriteFrame(timestampMs, keyLength, valueLength, headersSize, out int keyAt, out int valueAt))
        {
            reservation = default;
            return false;
        }

        WriteHeaders(headers, headersSize);
        reservation = new RecordReservation(_buffer, keyAt, valueAt, _nextOffsetDelta - 1);
        return true;
    }

    /// <summary>Leaves a gap in the offsets before the next record, as compaction does.</summary>
    /// <param name="count">How many offsets to skip.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or passes the largest offset delta.</exception>
    public void SkipOffsets(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, int.MaxValue - _nextOffsetDelta);
        _nextOffsetDelta += count;
    }

    /// <summary>
    /// Finishes the batch without compression: writes its header, with offset 0, no leader epoch and no producer, and sums it.
    /// </summary>
    /// <returns>The whole batch, in the array given to <see cref="Begin"/>.</returns>
    public ArraySegment<byte> Seal()
    {
        WriteHeader(_buffer.AsSpan(_start, BytesUsed), CompressionCodec.None);
        return new ArraySegment<byte>(_buffer, _start, BytesUsed);
    }

    /// <summary>
    /// Finishes the batch with its records compressed into another buffer; the writer's own bytes stay as they are.
    /// </summary>
    /// <param name="codec">The codec.</param>
    /// <param name="level">A level that the codec accepts, see <see cref="CompressionLevels"/>.</param>
    /// <param name="compression">What compresses.</param>
    /// <param name="destination">
    /// Receives the whole batch, header included; cleared first. Untouched without a codec.
    /// </param>
    /// <returns>
    /// The whole batch: in <paramref name="destination"/>, or without a codec in the array given to <see
    /// cref="Begin"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The codec is unknown or does not accept the level.</exception>
    public ArraySegment<byte> Seal(CompressionCodec codec, int level, CompressionPool compression, GrowingBuffer destination)
    {
        if (codec == CompressionCodec.None) return Seal();
        ArgumentNullException.ThrowIfNull(compression);
        ArgumentNullException.ThrowIfNull(destination);
        destination.Clear();
        destination.GetSpan(Layout.HeaderSize);
        destination.Advance(Layout.HeaderSize);
        compression.Compress(codec, level, _buffer.AsSpan(_start, BytesUsed)[Layout.HeaderSize..], destination);
        WriteHeader(destination.WritableSpan, codec);
        return destination.WrittenSegment;
    }

    /// <summary>Writes all of a record but key, value and headers, and moves past it.</summary>
    bool TryWriteFrame(long timestampMs, int keyLength, int valueLength, int headersSize, out int keyAt, out int valueAt)
    {
        keyAt = valueAt = 0;
        bool isFirst = Count == 0;
        long timestampDelta = isFirst ? 0 : timestampMs - _baseTimestampMs;
        bool overflows = !isFirst && ((timestampMs ^ _baseTimestampMs) & (timestampMs ^ timestampDelta)) < 0;
        if (overflows || _nextOffsetDelta == int.MaxValue) return false;

        // Bounded by what is free before it is added up, so no sum of lengths can overflow.
        int free = _end - _position;
        long content = (long)Math.Max(keyLength, 0) + Math.Max(valueLength, 0) + headersSize;
        if (content > free) return false;
        int bodySize = 1 + Varint.Size(timestampDelta) + Varint.Size(_nextOffsetDelta)
            + Varint.Size(keyLength) + Varint.Size(valueLength) + (int)content;
        int size = Varint.Size(bodySize) + bodySize;
        if (size > free) return false;

        // From here on exactly that many bytes are written, which are there.
        ref byte record = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _position);
        int at = Varint.Write(ref record, bodySize);
        Unsafe.Add(ref record, at++) = 0;
        at += Varint.Write(ref Unsafe.Add(ref record, at), timestampDelta);
        at += Varint.Write(ref Unsafe.Add(ref record, at), _nextOffsetDelta);
        at += Varint.Write(ref Unsafe.Add(ref record, at), keyLength);
        keyAt = _position + at;
        at += Math.Max(keyLength, 0);
        at += Varint.Write(ref Unsafe.Add(ref record, at), valueLength);
        valueAt = _position + at;
        _position += size;

        if (isFirst) _baseTimestampMs = _maxTimestampMs = timestampMs;
        else if (timestampMs > _maxTimestampMs) _maxTimestampMs = timestampMs;
        Count++;
        _nextOffsetDelta++;
        return true;
    }

    void WriteHeaders(ReadOnlySpan<Header> headers, int headersSize)
    {
        Span<byte> place = _buffer.AsSpan(_position - headersSize, headersSize);
        if (headers.IsEmpty) place[0] = 0;
        else RecordEncoder.WriteHeaders(place, headers);
    }

    void WriteHeader(Span<byte> batch, CompressionCodec codec)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, 0);
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.Length..], batch.Length - Layout.LengthOverhead);
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.PartitionLeaderEpoch..], -1);
        batch[Layout.Magic] = 2;
        BinaryPrimitives.WriteInt16BigEndian(batch[Layout.Attributes..], (short)codec);
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.LastOffsetDelta..], Math.Max(_nextOffsetDelta - 1, 0));
        BinaryPrimitives.WriteInt64BigEndian(batch[Layout.BaseTimestamp..], _baseTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[Layout.MaxTimestamp..], _maxTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[Layout.ProducerId..], -1);
        BinaryPrimitives.WriteInt16BigEndian(batch[Layout.ProducerEpoch..], -1);
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.BaseSequence..], -1);
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.RecordCount..], Count);
        BinaryPrimitives.WriteUInt32BigEndian(batch[Layout.Crc..], Crc32C.Compute(batch[Layout.Attributes..]));
    }
}
