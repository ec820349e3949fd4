using NetKafka.Protocol.Records;

namespace NetKafka.Producing;

/// <summary>A record whose partition is to be chosen. Its bytes are those of the sender, and to be read during the call only.</summary>
public readonly ref struct PartitionQuery
{
    internal PartitionQuery(
        string topic, bool isKeyNull, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<Header> headers, int partitionCount,
        ReadOnlySpan<int> available)
    {
        Topic = topic;
        IsKeyNull = isKeyNull;
        Key = key;
        Value = value;
        Headers = headers;
        PartitionCount = partitionCount;
        Available = available;
    }

    /// <summary>The record's topic.</summary>
    public string Topic { get; }

    /// <summary>Whether the record has no key.</summary>
    public bool IsKeyNull { get; }

    /// <summary>The serialized key; empty if there is none.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The serialized value; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The record's headers.</summary>
    public ReadOnlySpan<Header> Headers { get; }

    /// <summary>How many partitions the topic has at present; at least one.</summary>
    public int PartitionCount { get; }

    /// <summary>The partitions that have a leader, in no particular order; all where none has one. Never empty.</summary>
    public ReadOnlySpan<int> Available { get; }
}
