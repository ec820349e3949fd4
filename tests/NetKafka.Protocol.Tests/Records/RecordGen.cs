using CsCheck;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

/// <summary>A record as a test writes it and expects it back.</summary>
sealed record TestRecord(long TimestampMs, byte[]? Key, byte[]? Value, Header[] Headers, int SkippedOffsets)
{
    internal bool Append(RecordBatchWriter writer)
    {
        writer.SkipOffsets(SkippedOffsets);
        return writer.TryAppend(TimestampMs, Key, Key is null, Value, Value is null, Headers);
    }

    internal bool Matches(in RecordView read, ReadOnlyMemory<byte> body) =>
        read.TimestampMs == TimestampMs
        && read.IsKeyNull == Key is null && read.Key.SequenceEqual(Key)
        && read.IsValueNull == Value is null && read.Value.SequenceEqual(Value)
        && read.Slice.ReadHeaders(body).SequenceEqual(Headers);
}

/// <summary>Records of every shape.</summary>
static class RecordGen
{
    static readonly Gen<byte[]?> s_bytes = Gen.OneOf(
        Gen.Const((byte[]?)null),
        Gen.Byte.Array[0, 30].Select(bytes => (byte[]?)bytes),
        Gen.Byte[0, 3].Array[0, 3000].Select(bytes => (byte[]?)bytes));

    // The halves of the range, so that no two are further apart than a delta can say.
    static readonly Gen<long> s_timestamp = Gen.OneOf(
        Gen.Long[1_700_000_000_000, 1_700_000_100_000],
        Gen.Long[long.MinValue / 2, long.MaxValue / 2],
        Gen.OneOf(0L, -1L, long.MaxValue / 2, long.MinValue / 2));

    static readonly Gen<Header[]> s_headers = Gen.OneOf(
        Gen.Const(Array.Empty<Header>()),
        Gen.Select(Gen.OneOf(Gen.String.AlphaNumeric, Gen.OneOf("", "é€😀", "traceparent")), s_bytes)
            .Select(pair => new Header(pair.Item1, pair.Item2)).Array[0, 5]);

    internal static Gen<TestRecord> Record { get; } =
        Gen.Select(s_timestamp, s_bytes, s_bytes, s_headers, Gen.OneOf(Gen.Const(0), Gen.Int[0, 200]))
            .Select(parts => new TestRecord(parts.Item1, parts.Item2, parts.Item3, parts.Item4, parts.Item5));

    internal static Gen<TestRecord[]> Records { get; } = Record.Array[1, 30];
}
