using System.Text.Json;

namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>Turns the schema of one message, structures written where they are used, into a model where each has a name.</summary>
static class MessageParser
{
    public static Message Parse(string name, JsonElement schema)
    {
        var message = new Message(
            name,
            VersionRange.Parse(schema.GetProperty("validVersions").GetString()),
            VersionRange.Parse(schema.GetProperty("flexibleVersions").GetString()));
        ReadFields(message, message.Root, schema.GetProperty("fields"), message.ValidVersions);
        Naming.NameClasses(message);
        Check(message);
        return message;
    }

    static void ReadFields(Message message, Struct owner, JsonElement fields, VersionRange versions)
    {
        foreach (JsonElement element in fields.EnumerateArray())
        {
            Field field = ReadField(element);
            Add(owner, field);
            if (field.Type.IsStruct)
            {
                Struct inner = StructNamed(message, field.Type.Element);
                VersionRange used = field.Versions.Intersect(versions);
                inner.Versions = inner.Versions.Hull(used);
                ReadFields(message, inner, element.GetProperty("fields"), used);
            }
        }
    }

    static Struct StructNamed(Message message, string name)
    {
        if (!message.Structs.TryGetValue(name, out Struct? found))
        {
            found = new Struct(name);
            message.Structs.Add(name, found);
        }
        return found;
    }

    // A structure used in two places is written twice, each time with the versions of its place: the two are one.
    static void Add(Struct owner, Field field)
    {
        int known = owner.Fields.FindIndex(other => other.Name == field.Name);
        if (known < 0)
        {
            owner.Fields.Add(field);
            return;
        }
        Field other = owner.Fields[known];
        if (other.Type != field.Type || other.Tag != field.Tag)
        {
            throw new InvalidDataException($"Structure {owner.SchemaName} has two different fields {field.Name}.");
        }
        owner.Fields[known] = other with
        {
            Versions = other.Versions.Hull(field.Versions),
            NullableVersions = other.NullableVersions.Hull(field.NullableVersions),
        };
    }

    static Field ReadField(JsonElement field)
    {
        VersionRange versions = VersionRange.Parse(field.GetProperty("versions").GetString());
        int? tag = field.TryGetProperty("tag", out JsonElement tagged) ? tagged.GetInt32() : null;
        if (tag is not null && VersionRange.Parse(field.GetProperty("taggedVersions").GetString()) != versions)
        {
            throw new InvalidDataException("A field that is tagged in some of its versions only is not supported.");
        }
        return new Field(
            field.GetProperty("name").GetString()!,
            FieldType.Parse(field.GetProperty("type").GetString()!),
            versions,
            VersionRange.Parse(field.TryGetProperty("nullableVersions", out JsonElement nullable) ? nullable.GetString() : null),
            tag,
            field.TryGetProperty("default", out JsonElement value) ? value : null,
            field.TryGetProperty("ignorable", out JsonElement ignorable) && ignorable.GetBoolean());
    }

    static void Check(Message message)
    {
        foreach (Struct each in message.Structs.Values.Append(message.Root))
        {
            foreach (Field field in each.TaggedFields)
            {
                VersionRange used = field.Versions.Intersect(each.Versions);
                if (!message.FlexibleVersions.Contains(used))
                {
                    throw new InvalidDataException($"{message.Name}.{field.Name} is tagged in a version without tags.");
                }
                if (field.Type is { IsStruct: true, IsArray: false } && field.IsNullable)
                {
                    throw new InvalidDataException($"{message.Name}.{field.Name}: a nullable tagged structure is not supported.");
                }
            }
        }
    }
}
