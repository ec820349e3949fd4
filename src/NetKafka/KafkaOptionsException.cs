namespace NetKafka;

/// <summary>Options that cannot work, or do not work together. Every mistake is listed, not only the first.</summary>
/// <param name="mistakes">What is wrong, a sentence each.</param>
public sealed class KafkaOptionsException(IReadOnlyList<string> mistakes)
    : KafkaException("The options cannot be used: " + string.Join(" ", mistakes))
{
    /// <summary>What is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Mistakes { get; } = mistakes;
}
