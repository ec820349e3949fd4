using NetKafka.Load.Rows;
using NetKafka.Protocol.Compression;

namespace NetKafka.Load.Compare;

/// <summary>The goals as loads and lines: which client does what, and how far ahead of whom we have to be.</summary>
static class RowCatalog
{
    const string Confluent = "confluent";
    const string Dekaf = "dekaf";
    const string Java = "java";
    const string Native = Clients.Native;
    const string RdKafka = "librdkafka";
    const int Kib = 1024;

    /// <summary>Those that an application in C# or Java uses, which is what table 1b is about.</summary>
    static readonly string[] Complete = [Confluent, Dekaf, Java];

    static readonly LoadSettings Fire = new() { Kind = LoadKind.Fire };
    static readonly LoadSettings Await = new() { Kind = LoadKind.Await, BatchBytes = 64 * Kib };
    static readonly LoadSettings Consume = new() { Kind = LoadKind.Consume };
    static readonly LoadSettings Timed = new() { Linger = TimeSpan.Zero, BatchBytes = 64 * Kib };

    /// <summary>A bound of the goals such as "at most 0.7 times" as the ratio that it asks for.</summary>
    static double AtMost(double times) => Math.Round(1 / times, 2);

    static RowSpec Ahead(string name, Metric metric) => new(name, metric, RowSpec.Best, Must: 1);

    public static IReadOnlyList<LoadCase> Cases { get; } = [.. Producing(), .. Reading(), .. Latencies(), .. Process(), .. Real()];

    static IEnumerable<LoadCase> Producing() =>
    [
        new("fire-100", Fire, [Confluent, RdKafka, Java, Dekaf],
        [
            new("1", Metric.Cpu, Confluent, 2, 4),
            new("3", Metric.Cpu, RdKafka, 1, 2),
            new("4", Metric.Cpu, Java, 1.5, 4),
            new("9-produce", Metric.Garbage, "limit", 1) { Limit = 1 },
            new("15", Metric.Wall, Confluent, 2),
            new("15-aim", Metric.Wall, "8M/s", null, 1) { Limit = 0.125 },
            new("17", Metric.Rss, Confluent, 1),
            Ahead("1b-garbage-fire", Metric.Garbage),
            new("fire-100", Metric.Cpu, Dekaf),
        ]),
        new("fire-1k-1mb", Fire with { ValueBytes = Kib, BatchBytes = 1_000_000 }, [Confluent, Dekaf, Java],
        [
            new("5", Metric.Cpu, Confluent, 1.8, 3),
            new("5", Metric.Cpu, Dekaf, 1, 1.5),
            Ahead("1b-fire-1k-1mb", Metric.Cpu),
        ]),
        new("await-1000", Await with { Senders = 1000 }, [Confluent, Dekaf],
        [
            new("2", Metric.Cpu, Confluent, 3, 6),
            Ahead("1b-await-1000", Metric.Cpu),
            Ahead("1b-garbage-await", Metric.Garbage),
        ]),
        new("await-100", Await with { Senders = 100 }, [Confluent, Dekaf], [Ahead("1b-await-100", Metric.Cpu)]),
        new("fire-100-64k", Fire with { BatchBytes = 64 * Kib }, [Confluent, Dekaf, Java], [Ahead("1b-fire-100", Metric.Cpu)])
        {
            IsFullOnly = true,
        },
        new("fire-1k-64k", Fire with { ValueBytes = Kib, BatchBytes = 64 * Kib }, [Confluent, Dekaf, Java], [Ahead("1b-fire-1k", Metric.Cpu)])
        {
            IsFullOnly = true,
        },
        new("fire-100-lz4", Fire with { Codec = CompressionCodec.Lz4, BatchBytes = 64 * Kib }, [Confluent, Dekaf, Java],
        [
            new("14-lz4-produce", Metric.Cpu, Confluent, 0.8, 1),
            Ahead("1b-fire-lz4", Metric.Cpu),
        ]),
        new("fire-100-zstd", Fire with { Codec = CompressionCodec.Zstd, BatchBytes = 64 * Kib }, [Confluent, Dekaf],
            [new("14-zstd-produce", Metric.Cpu, Confluent, 0.8, 1)])
        {
            IsFullOnly = true,
        },
        new("partitions", new LoadSettings { Kind = LoadKind.Paced, Rate = 200_000, Partitions = 1000, BatchBytes = 64 * Kib }, ["self"],
            [new("13", Metric.Cpu, "self", AtMost(1.5), AtMost(1.2))])
        {
            ForPeer = settings => settings with { Partitions = 1 },
        },
    ];

    static IEnumerable<LoadCase> Reading() =>
    [
        new("consume-100", Consume, [Confluent, Java, Dekaf, RdKafka],
        [
            new("6", Metric.Cpu, Confluent, 4, 8),
            new("6", Metric.Cpu, Java, 1, 2.5),
            new("9-consume", Metric.Garbage, "limit", 1) { Limit = 1 },
            Ahead("1b-consume-100", Metric.Cpu) with { Among = Complete },
            new("consume-100-c", Metric.Cpu, RdKafka),
            Ahead("1b-garbage-read", Metric.Garbage),
        ]),
        new("consume-1k", Consume with { ValueBytes = Kib }, [Confluent, Dekaf, Java, RdKafka],
        [
            new("7", Metric.Cpu, Confluent, 2.5, 5),
            new("7", Metric.Cpu, Dekaf, 1, 1.5),
            Ahead("1b-consume-1k", Metric.Cpu) with { Among = Complete },
            new("consume-1k-c", Metric.Cpu, RdKafka),
        ]),
        new("single-100", Consume with { Style = ReadStyle.Single }, [Confluent, Dekaf], [Ahead("1b-single-100", Metric.Cpu)]) { IsFullOnly = true },
        new("single-1k", Consume with { Style = ReadStyle.Single, ValueBytes = Kib }, [Confluent, Dekaf], [Ahead("1b-single-1k", Metric.Cpu)])
        {
            IsFullOnly = true,
        },
        new("text-100", Consume with { Style = ReadStyle.Text }, [Confluent], [new("8-string", Metric.Cpu, Confluent, 1.5, 2.5)]),
        new("bytes-100", Consume with { Style = ReadStyle.Bytes }, [Confluent], [new("8-bytes", Metric.Cpu, Confluent, 1.5, 2.5)]) { IsFullOnly = true },
        new("consume-partitions", Consume with { Partitions = 1000 }, ["self"],
        [
            new("13-consume", Metric.Cpu, "self", AtMost(1.5), AtMost(1.2)),
            new("9-consume-partitions", Metric.Garbage, "limit", 1) { Limit = 1 },
        ])
        {
            ForPeer = settings => settings with { Partitions = 1 },
            IsFullOnly = true,
        },
        new("consume-lz4", Consume with { Codec = CompressionCodec.Lz4 }, [Confluent], [new("14-lz4-consume", Metric.Cpu, Confluent, 0.8, 1)])
        {
            IsFullOnly = true,
        },
        new("consume-zstd", Consume with { Codec = CompressionCodec.Zstd }, [Confluent], [new("14-zstd-consume", Metric.Cpu, Confluent, 0.8, 1)])
        {
            IsFullOnly = true,
        },
    ];

    static IEnumerable<LoadCase> Latencies() =>
    [
        new("round-trip", Timed with { Kind = LoadKind.RoundTrip }, [Confluent, Dekaf],
        [
            new("10-p50", Metric.P50, Confluent, AtMost(0.7), 2),
            new("10-p50", Metric.P50, Dekaf, AtMost(0.7), 2),
            new("10-p99", Metric.P99, Confluent, 1),
            new("10-p99", Metric.P99, Dekaf, 1),
            new("10-aim", Metric.P50, "50 µs", null, 1) { Limit = 50 },
        ]),
        new("saturated", new LoadSettings { Kind = LoadKind.Paced, Rate = 300_000, BatchBytes = 64 * Kib }, [Confluent, Dekaf],
        [
            new("12-p50", Metric.P50, Confluent, null, AtMost(0.6)),
            new("12-p50", Metric.P50, Dekaf),
            new("12-p99", Metric.P99, Confluent, 1),
            new("12-p99", Metric.P99, Dekaf, 1),
        ]),
        new("open-500", Timed with { Kind = LoadKind.OpenLoop, Rate = 500, Window = TimeSpan.FromSeconds(10) }, [Confluent, Dekaf],
        [
            Ahead("1b-open-p50", Metric.P50),
            Ahead("1b-open-p99", Metric.P99),
            Ahead("1b-open-p99.9", Metric.P999),
            Ahead("1b-open-core", Metric.Core),
        ]),
    ];

    static IEnumerable<LoadCase> Process() =>
    [
        new("one-a-second", Timed with { Kind = LoadKind.OpenLoop, Rate = 1, Window = TimeSpan.FromSeconds(8) }, [Confluent, Dekaf],
            [Ahead("1b-idle-core", Metric.Core)]),
        new("start", Timed with { Kind = LoadKind.Start }, [Confluent, Dekaf, Native],
        [
            new("18", Metric.Start, Confluent, AtMost(1.3)),
            new("18", Metric.Start, Dekaf),
            new("18-aot", Metric.Start, Confluent, null, AtMost(0.5)) { Ours = Native },
            new("18-aot", Metric.Start, Clients.Ours) { Ours = Native },
            new("18-aot-size", Metric.ProgramSize, "8 MiB", null, 1) { Ours = Native, Limit = 8 },
        ]),
        new("idle-memory", Timed with { Kind = LoadKind.Idle, Warm = TimeSpan.FromSeconds(0.5), Window = TimeSpan.FromSeconds(0.5) }, ["bare"],
            [new("17-idle", Metric.Rss, "bare", null, 1) { Allowance = 10 }])
        {
            ForPeer = settings => settings with { Kind = LoadKind.Bare },
        },
    ];

    static IEnumerable<LoadCase> Real() =>
    [
        new("real-fire-100", Fire, [Confluent, Dekaf, Java], [Ahead("real-fire-100", Metric.Cpu)]) { IsReal = true, IsFullOnly = true },
        new("real-fire-1k", Fire with { ValueBytes = Kib }, [Confluent, Dekaf, Java], [Ahead("real-fire-1k", Metric.Cpu)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("real-consume-100", Consume with { Messages = 1_000_000 }, [Confluent, Dekaf, Java], [Ahead("real-consume-100", Metric.Cpu)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("real-consume-1k", Consume with { Messages = 250_000, ValueBytes = Kib }, [Confluent, Dekaf, Java],
            [Ahead("real-consume-1k", Metric.Cpu)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("real-group-100", Consume with { Messages = 1_000_000, Style = ReadStyle.Group }, [Confluent, Java], [Ahead("real-group-100", Metric.Cpu)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("real-group-848-100", Consume with { Messages = 1_000_000, Style = ReadStyle.ConsumerGroup }, [Confluent, Java],
            [Ahead("real-group-848-100", Metric.Cpu)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("real-share-100", Consume with { Messages = 1_000_000, Style = ReadStyle.Share }, [Java], [Ahead("real-share-100", Metric.Cpu)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("end-to-end", Timed with { Kind = LoadKind.EndToEnd, Rate = 10_000, Window = TimeSpan.FromSeconds(12) }, [Confluent, Dekaf],
        [
            Ahead("11-p50", Metric.P50),
            Ahead("11-p99", Metric.P99) with { Aim = AtMost(0.7) },
            Ahead("11-p99.9", Metric.P999),
        ])
        {
            IsReal = true,
        },
        new("transactions", Fire with { Kind = LoadKind.Transact, Messages = 100_000 }, [Confluent], [new("16", Metric.Wall, Confluent, null, 1.5)])
        {
            IsReal = true,
            IsFullOnly = true,
        },
        new("real-open-500", Timed with { Kind = LoadKind.OpenLoop, Rate = 500, Window = TimeSpan.FromSeconds(6) }, [Confluent, Dekaf],
        [
            Ahead("real-open-p50", Metric.P50),
            Ahead("real-open-p99", Metric.P99),
        ])
        {
            IsReal = true,
            IsFullOnly = true,
        },
    ];
}
