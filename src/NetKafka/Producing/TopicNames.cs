using System.Buffers;
using NetKafka.Protocol;

namespace NetKafka.Producing;

/// <summary>What Kafka takes for the name of a topic.</summary>
static class TopicNames
{
    const int Longest = 249;

    static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Longest && name is not ("." or "..") && !name.AsSpan().ContainsAnyExcept(Letters);

    /// <summary>What a record meets whose topic cannot exist.</summary>
    public static ProduceException Refusal(string name) => new(
        $"'{name}' is no name of a topic: 1 to {Longest} letters, digits, dots, dashes and underscores make one, and not '.' or '..' alone.", RecordFate.NotWritten)
    {
        Code = ErrorCode.InvalidTopicException,
    };
}
