using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Xml;

namespace NetKafka.Consuming;

/// <summary>
/// A place in a partition where reading begins: at its end, at its beginning, at a moment, or nowhere. It binds from configuration in the
/// words of Kafka's <c>auto.offset.reset</c>, as <c>earliest</c> or <c>by_duration:PT1H</c>. The default value is <see cref="Latest"/>.
/// </summary>
[TypeConverter(typeof(AutoOffsetResetConverter))]
public readonly record struct AutoOffsetReset : IParsable<AutoOffsetReset>
{
    const string DurationPrefix = "by_duration:";
    const string TimePrefix = "by_time:";

    readonly Rule _rule;
    readonly long _number;

    AutoOffsetReset(Rule rule, long number = 0) => (_rule, _number) = (rule, number);

    enum Rule
    {
        Latest,
        Earliest,
        None,
        ByDuration,
        ByTime,
    }

    /// <summary>At the end: only what is written from then on. Java's default, and a consumer's here.</summary>
    public static AutoOffsetReset Latest => default;

    /// <summary>At the oldest record that the log still holds.</summary>
    public static AutoOffsetReset Earliest => new(Rule.Earliest);

    /// <summary>Nowhere: reading throws a <see cref="KafkaPositionException"/>, and goes on once a position was set by a seek.</summary>
    public static AutoOffsetReset None => new(Rule.None);

    internal bool IsNone => _rule == Rule.None;

    /// <summary>
    /// At the first record that is not older than so long before the moment at which the position is looked for, by the clock of this
    /// machine (KIP-1106); where there is none, at the end.
    /// </summary>
    /// <param name="duration">How long; to the millisecond.</param>
    /// <returns>The place.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static AutoOffsetReset ByDuration(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return new AutoOffsetReset(Rule.ByDuration, duration.Ticks);
    }

    /// <summary>At the first record whose timestamp is not before a moment; where there is none, at the end.</summary>
    /// <param name="time">The moment, to the millisecond; before 1970 counts as 1970.</param>
    /// <returns>The place.</returns>
    public static AutoOffsetReset ByTime(DateTimeOffset time) => new(Rule.ByTime, Math.Max(0, time.ToUnixTimeMilliseconds()));

    /// <summary>
    /// Reads Kafka's words: <c>latest</c>, <c>earliest</c>, <c>none</c>, <c>by_duration:</c> with a duration of ISO 8601, and
    /// <c>by_time:</c> with a moment of ISO 8601, which Kafka does not have.
    /// </summary>
    /// <param name="s">The text; upper and lower case are the same.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The place.</returns>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static AutoOffsetReset Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var result)
        ? result
        : throw new FormatException($"'{s}' says nowhere to begin: it has to be latest, earliest, none, by_duration:PT1H or by_time:2026-01-31T12:00Z.");

    /// <summary>As <see cref="Parse"/>, without an exception.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The place.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AutoOffsetReset result)
    {
        var text = s?.Trim().ToLowerInvariant() ?? "";
        result = text switch { "earliest" => Earliest, "none" => None, _ => Latest };
        if (text is "latest" or "earliest" or "none")
            return true;
        if (text.StartsWith(DurationPrefix, StringComparison.Ordinal))
            return TryParseDuration(text[DurationPrefix.Length..].ToUpperInvariant(), out result);
        if (!text.StartsWith(TimePrefix, StringComparison.Ordinal) || !DateTimeOffset.TryParse(
            text[TimePrefix.Length..], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return false;
        result = ByTime(time);
        return true;
    }

    /// <summary>The words that <see cref="Parse"/> reads.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _rule switch
    {
        Rule.Latest => "latest",
        Rule.Earliest => "earliest",
        Rule.None => "none",
        Rule.ByDuration => DurationPrefix + XmlConvert.ToString(new TimeSpan(_number)),
        _ => $"{TimePrefix}{DateTimeOffset.FromUnixTimeMilliseconds(_number):yyyy-MM-ddTHH:mm:ss.FFFZ}",
    };

    /// <summary>The timestamp by which a leader is asked for the place: milliseconds since 1970, or one of its two constants.</summary>
    internal long TimestampAt(long unixMilliseconds)
    {
        const long EndOfLog = -1;
        const long BeginningOfLog = -2;
        return _rule switch
        {
            Rule.Earliest => BeginningOfLog,
            Rule.ByDuration => Math.Max(0, unixMilliseconds - (_number / TimeSpan.TicksPerMillisecond)),
            Rule.ByTime => _number,
            _ => EndOfLog,
        };
    }

    static bool TryParseDuration(string text, out AutoOffsetReset result)
    {
        result = Latest;
        try
        {
            var duration = XmlConvert.ToTimeSpan(text);
            if (duration >= TimeSpan.Zero)
                result = ByDuration(duration);
            return duration >= TimeSpan.Zero;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            return false;
        }
    }
}
