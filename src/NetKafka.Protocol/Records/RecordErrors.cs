using System.Diagnostics.CodeAnalysis;

namespace NetKafka.Protocol.Records;

/// <summary>
/// The mistakes a record can have. They stand apart from the code that finds them, whose stack frame would otherwise hold,
/// and clear at every record, room for each message.
/// </summary>
static class RecordErrors
{
    [DoesNotReturn]
    internal static void ThrowUnreadable(long baseOffset, int position, string what) =>
        throw RecordBatchHeader.Malformed(baseOffset, position, $"the {what} is cut off or too long");

    [DoesNotReturn]
    internal static void ThrowUnreadableLength(long baseOffset, int position, string what) =>
        ThrowUnreadable(baseOffset, position, $"length of a {what}");

    [DoesNotReturn]
    internal static void ThrowTrailing(long baseOffset, int position, int end) =>
        throw RecordBatchHeader.Malformed(baseOffset, position, $"{end - position} bytes follow the last record");

    [DoesNotReturn]
    internal static void ThrowRecordLength(long baseOffset, int position, int length, int left) =>
        throw RecordBatchHeader.Malformed(
            baseOffset, position, $"a record of {length} bytes does not fit in the {left} that are left");

    [DoesNotReturn]
    internal static void ThrowOffsetDelta(long baseOffset, int position, int offsetDelta, int lastOffsetDelta) =>
        throw RecordBatchHeader.Malformed(
            baseOffset, position, $"offset delta {offsetDelta} lies outside of 0 to {lastOffsetDelta}");

    [DoesNotReturn]
    internal static void ThrowFieldLength(long baseOffset, int position, string what, int length, int left) =>
        throw RecordBatchHeader.Malformed(
            baseOffset, position, $"a {what} of {length} bytes does not fit in the {left} that its record has left");

    [DoesNotReturn]
    internal static void ThrowRecordEnd(long baseOffset, int position, int end) => throw RecordBatchHeader.Malformed(
        baseOffset, position, $"{end - position} bytes follow the last field of a record");

    [DoesNotReturn]
    internal static void ThrowHeaderCount(long baseOffset, int position, int count) =>
        throw RecordBatchHeader.Malformed(baseOffset, position, $"the number of headers {count} is negative");

    [DoesNotReturn]
    internal static void ThrowNullHeaderKey(long baseOffset, int position) =>
        throw RecordBatchHeader.Malformed(baseOffset, position, "the key of a header is null");
}
