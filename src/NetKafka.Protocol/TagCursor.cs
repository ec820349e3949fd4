namespace NetKafka.Protocol;

/// <summary>Where the walk through the tagged fields of one structure stands; see <see cref="KafkaReader.BeginTags"/>.</summary>
public struct TagCursor
{
    internal TagCursor(uint left, int outerLimit)
    {
        Left = left;
        OuterLimit = outerLimit;
        Tag = -1;
    }

    /// <summary>The tag of the current field, or -1 before the first.</summary>
    public long Tag { get; internal set; }

    internal uint Left { get; set; }

    internal int OuterLimit { get; }
}
