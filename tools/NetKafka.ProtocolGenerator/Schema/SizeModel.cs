namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>
/// What a structure takes: at least, in a frame, and at most, in memory. A reader checks counts by the first and charges
/// its budget by the second.
/// </summary>
sealed class SizeModel(Message message)
{
    const int ObjectHeaderBytes = 16;
    const int ReferenceBytes = 8;
    const int GuidBytes = 16;
    const int NullableMemoryBytes = 24;

    /// <summary>The fewest bytes that one element of the field takes in a frame of a version.</summary>
    public int MinElementBytes(Field field, int version)
    {
        if (field.Type.IsFixed)
        {
            return field.Type.Width;
        }
        return field.Type.IsStruct ? MinStructBytes(message.Structs[field.Type.Element], version)
            : LengthBytes(field, version);
    }

    /// <summary>The fewest bytes that a structure takes in a frame of a version.</summary>
    public int MinStructBytes(Struct each, int version)
    {
        int tagCount = message.FlexibleVersions.Contains(version) ? 1 : 0;
        return tagCount + each.PlainFields.Where(field => field.Versions.Contains(version))
            .Sum(field => MinFieldBytes(field, version));
    }

    /// <summary>The most memory that one object takes, without what it refers to.</summary>
    public static int ObjectCost(Struct each)
    {
        int values = 0;
        int small = 0;
        foreach (Field field in each.Fields)
        {
            switch (field.Type)
            {
                case { IsArray: false, Element: "uuid" }:
                    values += GuidBytes;
                    break;
                case { IsArray: false, Element: "records" }:
                    values += NullableMemoryBytes;
                    break;
                case { IsArray: false, IsFixed: true }:
                    small += field.Type.Width;
                    break;
                default:
                    values += ReferenceBytes;
                    break;
            }
        }
        return ObjectHeaderBytes + values + ((small + 7) / 8 * 8) + (each.Fields.Count == 0 ? 8 : 0);
    }

    /// <summary>The most memory that one element of an array takes: its slot, and the object of a structure.</summary>
    public int ElementCost(Field field)
    {
        if (field.Type.IsFixed)
        {
            return field.Type.Width;
        }
        return ReferenceBytes + (field.Type.IsStruct ? ObjectCost(message.Structs[field.Type.Element]) : 0);
    }

    int MinFieldBytes(Field field, int version)
    {
        if (field.Type.IsArray)
        {
            return message.FlexibleVersions.Contains(version) ? 1 : 4;
        }
        if (field.Type.IsStruct)
        {
            return field.IsNullable ? 1 : MinElementBytes(field, version);
        }
        return MinElementBytes(field, version);
    }

    int LengthBytes(Field field, int version) =>
        message.FlexibleVersionsOf(field).Contains(version) ? 1 : field.Type.Element == "string" ? 2 : 4;
}
