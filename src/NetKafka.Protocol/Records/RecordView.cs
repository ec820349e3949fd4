namespace NetKafka.Protocol.Records;

/// <summary>A record of a batch, read where it lies: its spans live as long as the bytes of the batch.</summary>
public readonly ref struct RecordView
{
    readonly ReadOnlySpan<byte> _body;
    readonly RecordSlice _slice;

    internal RecordView(ReadOnlySpan<byte> body, RecordSlice slice)
    {
        _body = body;
        _slice = slice;
    }

    /// <summary>The record as places within the bytes of its batch.</summary>
    public RecordSlice Slice => _slice;

    /// <summary>The record's offset in its partition.</summary>
    public long Offset => _slice.Offset;

    /// <summary>Its timestamp in milliseconds since 1970, see <see cref="RecordSlice.TimestampMs"/>.</summary>
    public long TimestampMs => _slice.TimestampMs;

    /// <summary>True for a null key, which is not the same as an empty one.</summary>
    public bool IsKeyNull => _slice.IsKeyNull;

    /// <summary>True for a null value, which is not the same as an empty one.</summary>
    public bool IsValueNull => _slice.IsValueNull;

    /// <summary>The key; empty if it is null.</summary>
    public ReadOnlySpan<byte> Key => _slice.Key(_body);

    /// <summary>The value; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value => _slice.Value(_body);

    /// <summary>How many headers it has.</summary>
    public int HeaderCount => _slice.HeaderCount;

    /// <summary>The headers, decoded one by one as they are asked for.</summary>
    public RecordHeaderEnumerator Headers => _slice.Headers(_body);
}
