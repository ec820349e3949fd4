namespace NetKafka.Serialization;

/// <summary>
/// The type of a key or value that is not wanted: it is written as null, and whatever stands there is skipped on reading,
/// as in <c>Producer&lt;Nothing, string&gt;</c> for records without keys.
/// </summary>
public readonly record struct Nothing;
