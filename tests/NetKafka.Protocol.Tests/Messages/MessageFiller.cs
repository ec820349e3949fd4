using System.Reflection;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>Makes messages of random values, from the schema and a seed.</summary>
sealed class MessageFiller(int seed, short version)
{
    static readonly string[] Texts = ["a", "payments", "topic.with-many_chars", "émoji-😀", "日本語", "", new string('x', 200)];

    readonly Random _random = new(seed);

    /// <summary>
    /// A message whose every field of the version holds some value. Fields that the version lacks keep their default,
    /// unless they may be left out silently and <paramref name="withIgnorable"/> asks for them.
    /// </summary>
    public object Fill(SchemaMessage message, bool withIgnorable = false)
    {
        object value = Activator.CreateInstance(MessageCodec.ByName[message.Name].Type)!;
        FillFields(message.Fields, value, withIgnorable);
        return value;
    }

    /// <summary>A message of defaults, and empty where null is the default that the version has no null for.</summary>
    public static object Default(SchemaMessage message, short version)
    {
        object value = Activator.CreateInstance(MessageCodec.ByName[message.Name].Type)!;
        foreach (SchemaField field in message.Fields.Where(field => field.IsPresent(version) && !field.IsNullable(version)))
        {
            if (field.ValueIn(value) is null)
            {
                Assert.Equal("records", field.Element);
                field.PropertyOf(value).SetValue(value, ReadOnlyMemory<byte>.Empty);
            }
        }
        return value;
    }

    void FillFields(IReadOnlyList<SchemaField> fields, object owner, bool withIgnorable)
    {
        foreach (SchemaField field in fields)
        {
            if (!field.IsPresent(version) && !(withIgnorable && field.Ignorable))
            {
                continue;
            }
            PropertyInfo property = field.PropertyOf(owner);
            bool isNull = field.IsNullable(version) && _random.Next(4) == 0;
            property.SetValue(owner, isNull ? null : Value(field, property.PropertyType, withIgnorable));
        }
    }

    object Value(SchemaField field, Type type, bool withIgnorable)
    {
        if (!field.IsArray)
        {
            return Single(field, type, withIgnorable);
        }
        var array = Array.CreateInstance(type.GetElementType()!, _random.Next(1, 4));
        for (int i = 0; i < array.Length; i++)
        {
            array.SetValue(Single(field, type.GetElementType()!, withIgnorable), i);
        }
        return array;
    }

    object Single(SchemaField field, Type type, bool withIgnorable)
    {
        if (field.IsStruct)
        {
            object value = Activator.CreateInstance(type)!;
            FillFields(field.Fields, value, withIgnorable);
            return value;
        }
        return field.Element switch
        {
            "bool" => _random.Next(2) == 0,
            "int8" => (sbyte)_random.Next(),
            "int16" when type == typeof(ErrorCode) => (ErrorCode)(short)_random.Next(),
            "int16" => (short)_random.Next(),
            "uint16" => (ushort)_random.Next(),
            "int32" => _random.Next(int.MinValue, int.MaxValue),
            "int64" => _random.NextInt64(long.MinValue, long.MaxValue),
            "float64" => _random.NextDouble() * 1e9,
            "uuid" => RandomId(),
            "string" => Texts[_random.Next(Texts.Length)],
            "bytes" => RandomBytes(),
            "records" => new ReadOnlyMemory<byte>(RandomBytes()),
            _ => throw new InvalidOperationException($"{field.Element} is no type of the schema"),
        };
    }

    Guid RandomId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    byte[] RandomBytes()
    {
        var bytes = new byte[_random.Next(300)];
        _random.NextBytes(bytes);
        return bytes;
    }
}
