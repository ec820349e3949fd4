using System.ComponentModel;
using System.Globalization;

namespace NetKafka.Consuming;

/// <summary>By which an <see cref="AutoOffsetReset"/> is bound from the text of a configuration.</summary>
sealed class AutoOffsetResetConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? AutoOffsetReset.Parse(text) : base.ConvertFrom(context, culture, value);
}
