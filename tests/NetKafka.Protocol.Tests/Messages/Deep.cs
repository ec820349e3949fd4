using System.Reflection;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>Equality of messages by all that is in them.</summary>
static class Deep
{
    public static bool Equal(object? left, object? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }
        if (left.GetType() != right.GetType())
        {
            return false;
        }
        return left switch
        {
            ReadOnlyMemory<byte> memory => memory.Span.SequenceEqual(((ReadOnlyMemory<byte>)right).Span),
            Array array => ArraysEqual(array, (Array)right),
            _ when left is string || left.GetType().IsValueType => left.Equals(right),
            _ => left.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .All(property => Equal(property.GetValue(left), property.GetValue(right))),
        };
    }

    static bool ArraysEqual(Array left, Array right) =>
        left.Length == right.Length
        && Enumerable.Range(0, left.Length).All(i => Equal(left.GetValue(i), right.GetValue(i)));
}
