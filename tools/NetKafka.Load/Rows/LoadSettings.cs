using System.Globalization;
using NetKafka.Load.Broker;
using NetKafka.Load.Commands;
using NetKafka.Protocol.Compression;

namespace NetKafka.Load.Rows;

/// <summary>What one run does: the same for every client, and the same words on every client's command line.</summary>
sealed record LoadSettings
{
    public string Bootstrap { get; init; } = "127.0.0.1:9092";

    public LoadKind Kind { get; init; }

    public ReadStyle Style { get; init; }

    public int ValueBytes { get; init; } = 100;

    public int Partitions { get; init; } = 6;

    public CompressionCodec Codec { get; init; }

    public int BatchBytes { get; init; } = 256 * 1024;

    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(5);

    public long BufferBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How much may wait for one broker, as time; null for our own default. Other clients have no such setting.</summary>
    public TimeSpan? BufferTime { get; init; }

    /// <summary>How many wait each for their own message.</summary>
    public int Senders { get; init; } = 1;

    /// <summary>Messages a second, where they are paced.</summary>
    public double Rate { get; init; }

    /// <summary>N of the two points N and 4N; 0 takes them by time.</summary>
    public long Messages { get; init; }

    /// <summary>From the first delivery to the first point.</summary>
    public TimeSpan Warm { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From the first point to the second.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Null for the one whose name says what the settings say.</summary>
    public string? GivenTopic { get; init; }

    /// <summary>The group of a reader that is in one. What one run has read the next one of the same group does not.</summary>
    public string Group { get; init; } = "load";

    /// <summary>Whether the broker is asked for its counts before and after: a null broker has them.</summary>
    public bool IsCounted { get; init; } = true;

    public string Topic => field ??= GivenTopic ?? TopicShape.NameOf(ValueBytes, Partitions, Codec);

    public static LoadSettings Parse(CommandLine line)
    {
        var defaults = new LoadSettings();
        return new LoadSettings
        {
            Bootstrap = line.Text("bootstrap", defaults.Bootstrap),
            Kind = line.Choice("kind", defaults.Kind),
            Style = line.Choice("style", defaults.Style),
            ValueBytes = line.Number("value-bytes", defaults.ValueBytes),
            Partitions = line.Number("partitions", defaults.Partitions),
            Codec = line.Choice("codec", defaults.Codec),
            BatchBytes = line.Number("batch-bytes", defaults.BatchBytes),
            Linger = line.Milliseconds("linger-ms", defaults.Linger),
            BufferBytes = line.Number("buffer-mib", 64) * 1024L * 1024,
            BufferTime = line.Has("buffer-ms") ? line.Milliseconds("buffer-ms", TimeSpan.Zero) : null,
            Senders = line.Number("senders", defaults.Senders),
            Rate = line.Number("rate", 0),
            Messages = line.Number("messages", 0),
            Warm = line.Seconds("warm", defaults.Warm),
            Window = line.Seconds("seconds", defaults.Window),
            GivenTopic = line.Find("topic"),
            Group = line.Text("group", defaults.Group),
            IsCounted = !line.Has("uncounted"),
        };
    }

    /// <summary>The options that give these settings again.</summary>
    public string[] ToArguments() =>
    [
        "--bootstrap", Bootstrap, "--kind", Kind.ToString(), "--style", Style.ToString(),
        "--value-bytes", Say(ValueBytes), "--partitions", Say(Partitions), "--codec", Codec.ToString(),
        "--batch-bytes", Say(BatchBytes), "--linger-ms", Say(Linger.TotalMilliseconds), "--buffer-mib", Say(BufferBytes / 1024 / 1024),
        "--senders", Say(Senders), "--rate", Say(Rate), "--messages", Say(Messages),
        "--warm", Say(Warm.TotalSeconds), "--seconds", Say(Window.TotalSeconds), "--topic", Topic, "--group", Group,
        .. BufferTime is { } time ? (string[])["--buffer-ms", Say(time.TotalMilliseconds)] : [],
        .. IsCounted ? (string[])[] : ["--uncounted"],
    ];

    static string Say(double value) => value.ToString(CultureInfo.InvariantCulture);
}
