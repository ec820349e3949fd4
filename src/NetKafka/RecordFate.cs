namespace NetKafka;

/// <summary>What is known of a record whose delivery failed.</summary>
public enum RecordFate
{
    /// <summary>The record is not in the topic and will not get there: producing it again cannot double it.</summary>
    NotWritten,

    /// <summary>
    /// The record may be in the topic: it was sent, and no answer told what became of it. Producing it again may double it.
    /// </summary>
    Unknown,
}
