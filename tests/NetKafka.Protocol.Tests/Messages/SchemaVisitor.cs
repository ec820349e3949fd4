namespace NetKafka.Protocol.Tests.Messages;

/// <summary>Finds every structure inside a message.</summary>
static class SchemaVisitor
{
    /// <summary>The message and all its structures, each with its fields, that a version writes.</summary>
    public static IEnumerable<(object Owner, IReadOnlyList<SchemaField> Fields)> Structs(
        object value, IReadOnlyList<SchemaField> fields, short version)
    {
        yield return (value, fields);
        foreach (SchemaField field in fields.Where(field => field.IsStruct && field.IsPresent(version)))
        {
            object? inner = field.ValueIn(value);
            IEnumerable<object> items = inner is Array array ? array.Cast<object>() : inner is null ? [] : [inner];
            foreach (object item in items)
            {
                foreach ((object, IReadOnlyList<SchemaField>) each in Structs(item, field.Fields, version))
                {
                    yield return each;
                }
            }
        }
    }
}
