using System.Collections;
using System.Globalization;
using NetKafka.Administration;
using NetKafka.Architecture.Tests.Model;
using NetKafka.Consuming;
using NetKafka.Producing;

namespace NetKafka.Architecture.Tests;

/// <summary>docs/defaults.md says of every setting what the code does.</summary>
public sealed class DefaultsTests
{
    const string Page = "docs/defaults.md";

    public static TheoryData<Type> Options => [typeof(KafkaClientOptions), typeof(ProducerOptions), typeof(ConsumerOptions), typeof(ProcessingOptions), typeof(ShareConsumerOptions), typeof(ShareProcessingOptions), typeof(AdminOptions)];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_setting_stands_on_the_page_with_its_default(Type type)
    {
        var rows = Rows(type.Name);
        var fresh = Activator.CreateInstance(type)!;
        Assert.Equal(
            type.GetProperties().Where(static property => property.CanWrite).Select(property => (property.Name, Text(property.GetValue(fresh)))),
            rows.Select(static row => (row.Setting, row.Default)));
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_departure_from_Java_has_its_reason(Type type) =>
        Assert.All(Rows(type.Name), static row => Assert.True(row.Default == row.Javas || row.Note.Length > 0, $"{row.Setting} differs, and nothing says why"));

    static List<(string Setting, string Default, string Javas, string Note)> Rows(string heading)
    {
        var lines = File.ReadAllLines(Repository.PathOf(Page)).SkipWhile(line => line != $"## {heading}").Skip(3).TakeWhile(static line => line.Length > 0);
        List<(string, string, string, string)> rows = [.. lines.Select(static line => line.Split('|', StringSplitOptions.TrimEntries)).Select(static cells => (cells[1], cells[3], cells[4], cells[5]))];
        Assert.NotEmpty(rows);
        return rows;
    }

    static string Text(object? value) => value switch
    {
        null => "none",
        "" => "(empty)",
        bool flag => flag ? "true" : "false",
        TimeSpan time => Text(time),
        TimeProvider => "the system's",
        string text => text,
        IEnumerable items => items.Cast<object>().Select(Text).DefaultIfEmpty("none").Aggregate(static (all, item) => $"{all}, {item}"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    static string Text(TimeSpan time) => time.TotalSeconds switch
    {
        0 => "0",
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} ms"),
        <= 120 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes} min"),
    };
}
