using System.Buffers.Text;
using System.Reflection;
using System.Text.Json;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>
/// Compares a message with the values that Java printed for it. What Java did not print must hold its default: the
/// version has no such field, or it is tagged and was left out.
/// </summary>
static class JsonComparer
{
    public static void AssertEqual(JsonElement expected, object message, string path)
    {
        object fresh = Activator.CreateInstance(message.GetType())!;
        PropertyInfo[] properties = message.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public);
        var left = expected.EnumerateObject().Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        foreach (PropertyInfo property in properties)
        {
            string name = JsonName(property.Name);
            object? actual = property.GetValue(message);
            if (left.Remove(name))
            {
                AssertValue(expected.GetProperty(name), actual, $"{path}.{name}");
            }
            else
            {
                Assert.True(Deep.Equal(property.GetValue(fresh), actual), $"{path}.{name} is not its default");
            }
        }
        Assert.True(left.Count == 0, $"{path} has no property for {string.Join(", ", left)}");
    }

    static void AssertValue(JsonElement expected, object? actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Null || actual is null)
        {
            Assert.True(expected.ValueKind == JsonValueKind.Null && actual is null, $"{path} is {actual ?? "null"}");
            return;
        }
        switch (actual)
        {
            case ReadOnlyMemory<byte>:
                // Java prints no records; the bytes are compared when the message is encoded again.
                Assert.Equal("", expected.GetString());
                break;
            // To the runtime an sbyte[] is a byte[] too.
            case byte[] bytes when actual.GetType() == typeof(byte[]):
                Assert.True(expected.GetBytesFromBase64().AsSpan().SequenceEqual(bytes), path);
                break;
            case Array array:
                Assert.True(expected.GetArrayLength() == array.Length, $"{path} has {array.Length} elements");
                for (int i = 0; i < array.Length; i++)
                {
                    AssertValue(expected[i], array.GetValue(i), $"{path}[{i}]");
                }
                break;
            default:
                AssertScalar(expected, actual, path);
                break;
        }
    }

    static void AssertScalar(JsonElement expected, object actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Object)
        {
            AssertEqual(expected, actual, path);
            return;
        }
        bool equal = actual switch
        {
            string text => expected.GetString() == text,
            bool flag => expected.GetBoolean() == flag,
            Guid id => new Guid(Base64Url.DecodeFromChars(expected.GetString()), bigEndian: true) == id,
            double number => expected.GetDouble() == number,
            ErrorCode code => expected.GetInt64() == (short)code,
            _ => expected.GetInt64() == Convert.ToInt64(actual, null),
        };
        Assert.True(equal, $"{path} is {actual} and not {expected}");
    }

    static string JsonName(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
