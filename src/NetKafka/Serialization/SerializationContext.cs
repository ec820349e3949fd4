using NetKafka.Protocol.Records;

namespace NetKafka.Serialization;

/// <summary>Which part of which record is written.</summary>
/// <param name="Topic">The record's topic.</param>
/// <param name="IsKey">Whether it is the key; else it is the value.</param>
/// <param name="Headers">The record's headers.</param>
public readonly record struct SerializationContext(string Topic, bool IsKey, ReadOnlyMemory<Header> Headers);
