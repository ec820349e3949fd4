namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>The fields of a message or of a structure inside one.</summary>
sealed class Struct(string schemaName)
{
    public string SchemaName { get; } = schemaName;

    /// <summary>The name of the C# class.</summary>
    public string ClassName { get; set; } = schemaName;

    /// <summary>The versions in which a message can hold the structure.</summary>
    public VersionRange Versions { get; set; } = VersionRange.None;

    public List<Field> Fields { get; set; } = [];

    public IEnumerable<Field> TaggedFields => Fields.Where(each => each.Tag is not null).OrderBy(each => each.Tag);

    public IEnumerable<Field> PlainFields => Fields.Where(each => each.Tag is null);
}
