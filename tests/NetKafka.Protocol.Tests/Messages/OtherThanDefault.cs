namespace NetKafka.Protocol.Tests.Messages;

/// <summary>Some value of a property's type that is not its default.</summary>
static class OtherThanDefault
{
    public static object Of(Type type, object? standard) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => ErrorCode.CorruptMessage,
        TypeCode.Boolean => standard is not true,
        TypeCode.SByte => (sbyte)(standard is (sbyte)7 ? 8 : 7),
        TypeCode.Int16 => (short)(standard is (short)7 ? 8 : 7),
        TypeCode.UInt16 => (ushort)(standard is (ushort)7 ? 8 : 7),
        TypeCode.Int32 => standard is 7 ? 8 : 7,
        TypeCode.Int64 => standard is 7L ? 8L : 7L,
        TypeCode.Double => 7.5,
        TypeCode.String => "other",
        _ when type == typeof(Guid) => new Guid(1, 2, 3, new byte[8]),
        _ when type == typeof(ReadOnlyMemory<byte>?) => new ReadOnlyMemory<byte>([7]),
        _ when type.IsArray => Filled(type.GetElementType()!),
        _ => OfStruct(type),
    };

    static Array Filled(Type element)
    {
        var array = Array.CreateInstance(element, 1);
        array.SetValue(Of(element, null), 0);
        return array;
    }

    static object OfStruct(Type type)
    {
        object value = Activator.CreateInstance(type)!;
        System.Reflection.PropertyInfo first = type.GetProperties()[0];
        first.SetValue(value, Of(first.PropertyType, first.GetValue(value)));
        return value;
    }
}
