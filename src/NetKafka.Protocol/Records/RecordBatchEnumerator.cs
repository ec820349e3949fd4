namespace NetKafka.Protocol.Records;

/// <summary>
/// Reads the headers of the batches in a records field one by one, for <c>foreach</c>, without touching records.
/// </summary>
public ref struct RecordBatchEnumerator
{
    readonly ReadOnlySpan<byte> _records;
    RecordBatchHeader _current;
    int _position;

    internal RecordBatchEnumerator(ReadOnlySpan<byte> records) => _records = records;

    /// <summary>The header that the last <see cref="MoveNext"/> read.</summary>
    public readonly RecordBatchHeader Current => _current;

    /// <summary>Where the next batch starts; after the last one, where the part that was cut off starts.</summary>
    public readonly int Position => _position;

    /// <summary>Reads the next header; false at the end, or where the broker cut the last batch off.</summary>
    /// <exception cref="InvalidRecordBatchException">The header is malformed.</exception>
    public bool MoveNext()
    {
        if (!RecordBatchHeader.TryRead(_records, _position, out _current)) return false;
        _position += _current.SizeInBytes;
        return true;
    }

    /// <summary>Itself, for <c>foreach</c>.</summary>
    public readonly RecordBatchEnumerator GetEnumerator() => this;
}
