using System.Globalization;

namespace Payments;

/// <summary>What the command line asks for.</summary>
sealed record Settings
{
    public const string Usage = """
        Writes payments to the topic 'payments' and reads them as the group 'realtime-risk'.

          --bootstrap HOST:PORT   a real Kafka; without it, an embedded one in this process
          --count N               how many payments to write (3)
          --replay-from TIME      read again from a moment: 2026-01-31T12:00:00Z, or an age such as 90s, 10m, 2h, 1d
          --follow                go on reading until Ctrl+C
        """;

    public string? Bootstrap { get; init; }

    public int Count { get; init; } = 3;

    public DateTimeOffset? ReplayFrom { get; init; }

    public bool Follow { get; init; }

    /// <summary>The settings, or null where the command line cannot be read.</summary>
    public static Settings? Parse(string[] args, DateTimeOffset now)
    {
        var settings = new Settings();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--follow":
                    settings = settings with { Follow = true };
                    continue;
                case "--bootstrap" when value is not null:
                    settings = settings with { Bootstrap = value };
                    break;
                case "--count" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count):
                    settings = settings with { Count = count };
                    break;
                case "--replay-from" when ParseMoment(value, now) is { } moment:
                    settings = settings with { ReplayFrom = moment };
                    break;
                default:
                    return null;
            }
            i++;
        }
        return settings;
    }

    static DateTimeOffset? ParseMoment(string? text, DateTimeOffset now)
    {
        if (text is not { Length: > 1 })
            return null;
        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        if (unit > TimeSpan.Zero && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            return now - amount * unit;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }
}
