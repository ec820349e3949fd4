namespace NetKafka.Protocol.Records;

/// <summary>Reads the records of one batch one by one, for <c>foreach</c>. Allocates nothing.</summary>
public ref struct RecordEnumerator
{
    readonly ReadOnlySpan<byte> _body;
    RecordCursor _cursor;
    RecordSlice _current;

    internal RecordEnumerator(in RecordBatchHeader header, ReadOnlySpan<byte> body)
    {
        _body = body;
        _cursor = new RecordCursor(header, body);
    }

    /// <summary>The record that the last <see cref="MoveNext"/> read.</summary>
    public readonly RecordView Current => new(_body, _current);

    /// <summary>Reads the next record; false after the last.</summary>
    /// <exception cref="InvalidRecordBatchException">The record is malformed.</exception>
    public bool MoveNext() => _cursor.TryRead(_body, out _current);

    /// <summary>Itself, for <c>foreach</c>.</summary>
    public readonly RecordEnumerator GetEnumerator() => this;
}
