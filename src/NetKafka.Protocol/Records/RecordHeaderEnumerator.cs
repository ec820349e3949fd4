namespace NetKafka.Protocol.Records;

/// <summary>
/// Decodes the headers of a record one by one. The record was checked when it was read, so this cannot fail.
/// </summary>
public ref struct RecordHeaderEnumerator
{
    readonly ReadOnlySpan<byte> _body;
    int _position;
    int _left;

    internal RecordHeaderEnumerator(ReadOnlySpan<byte> body, int position, int count)
    {
        _body = body;
        _position = position;
        _left = count;
    }

    /// <summary>The header that the last <see cref="MoveNext"/> read.</summary>
    public RecordHeaderView Current { get; private set; }

    /// <summary>Reads the next header; false after the last.</summary>
    public bool MoveNext()
    {
        if (_left == 0) return false;
        _left--;
        Varint.TryRead(_body, ref _position, out int keyLength);
        ReadOnlySpan<byte> key = _body.Slice(_position, keyLength);
        _position += keyLength;
        Varint.TryRead(_body, ref _position, out int valueLength);
        Current = new RecordHeaderView(key, _body.Slice(_position, Math.Max(valueLength, 0)), valueLength < 0, _position);
        _position += Math.Max(valueLength, 0);
        return true;
    }

    /// <summary>Itself, for <c>foreach</c>.</summary>
    public readonly RecordHeaderEnumerator GetEnumerator() => this;
}
