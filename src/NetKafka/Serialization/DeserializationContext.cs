using NetKafka.Consuming;
using NetKafka.Protocol.Records;

namespace NetKafka.Serialization;

/// <summary>Which part of which record is read.</summary>
public readonly struct DeserializationContext
{
    readonly RecordSource _source;
    readonly int _headersPosition;
    readonly int _headerCount;

    internal DeserializationContext(RecordSource source, int headersPosition, int headerCount, bool isKey) =>
        (_source, _headersPosition, _headerCount, IsKey) = (source, headersPosition, headerCount, isKey);

    /// <summary>The record's topic.</summary>
    public string Topic => _source?.Topic ?? "";

    /// <summary>Whether it is the key; else it is the value.</summary>
    public bool IsKey { get; }

    /// <summary>The record's headers, decoded at each access. Their values live until the task has completed.</summary>
    public IReadOnlyList<Header> Headers => _source?.ReadHeaders(_headersPosition, _headerCount) ?? [];
}
