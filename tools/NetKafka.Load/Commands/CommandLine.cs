using System.Globalization;
using System.Text.RegularExpressions;

namespace NetKafka.Load.Commands;

/// <summary>Options of the form <c>--name value</c>, or <c>--name</c> alone for a switch.</summary>
sealed partial class CommandLine
{
    readonly Dictionary<string, string> _options = [];

    /// <exception cref="UsageException">A word stands where an option should.</exception>
    public CommandLine(ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
                throw new UsageException($"'{words[i]}' stands where an option such as --seconds should.");
            var hasValue = i + 1 < words.Length && !words[i + 1].StartsWith("--", StringComparison.Ordinal);
            _options[words[i][2..]] = hasValue ? words[++i] : "";
        }
    }

    /// <summary>Refuses an option that a usage does not name: a run of an hour should not begin with a misspelt one.</summary>
    /// <exception cref="UsageException">One is unknown.</exception>
    public void Expect(string usage)
    {
        var known = Option().Matches(usage).Select(static match => match.Value).ToHashSet();
        if (_options.Keys.FirstOrDefault(name => !known.Contains("--" + name)) is { } unknown)
            throw new UsageException($"--{unknown} is not known.\n{usage}");
    }

    public bool Has(string name) => _options.ContainsKey(name);

    public string? Find(string name) => _options.GetValueOrDefault(name);

    public string Text(string name, string otherwise) => Find(name) ?? otherwise;

    public int Number(string name, int otherwise) => Find(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) ? number
        : throw new UsageException($"--{name} takes a whole number, not '{text}'.");

    public TimeSpan Seconds(string name, TimeSpan otherwise) => Time(name, otherwise, TimeSpan.FromSeconds);

    public TimeSpan Milliseconds(string name, TimeSpan otherwise) => Time(name, otherwise, TimeSpan.FromMilliseconds);

    public TimeSpan Minutes(string name, TimeSpan otherwise) => Time(name, otherwise, TimeSpan.FromMinutes);

    public T Choice<T>(string name, T otherwise)
        where T : struct, Enum => Find(name) is not { } text ? otherwise
        : Enum.TryParse<T>(text.Replace("-", ""), ignoreCase: true, out var value) && Enum.IsDefined(value) ? value
        : throw new UsageException($"--{name} is one of {string.Join(", ", Enum.GetNames<T>().Select(Hyphenated))}, not '{text}'.");

    /// <summary>A command line as it is without an option and its value.</summary>
    public static string[] Without(string[] words, string name)
    {
        var at = Array.IndexOf(words, "--" + name);
        if (at < 0)
            return words;
        var next = at + 1 < words.Length && !words[at + 1].StartsWith("--", StringComparison.Ordinal) ? at + 2 : at + 1;
        return [.. words[..at], .. words[next..]];
    }

    /// <summary>OneCore as one-core.</summary>
    static string Hyphenated(string name) => string.Concat(name.Select((letter, index) =>
        char.IsUpper(letter) ? (index > 0 ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    TimeSpan Time(string name, TimeSpan otherwise, Func<double, TimeSpan> unit) => Find(name) is not { } text ? otherwise
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 ? unit(number)
        : throw new UsageException($"--{name} takes a number, not '{text}'.");

    [GeneratedRegex("--[a-z0-9-]+")]
    private static partial Regex Option();
}
