using System.Text.Json;

namespace NetKafka.Load.Measuring;

/// <summary>One run of one client, as the line of JSON that it prints.</summary>
sealed record RunReport
{
    public required string Client { get; init; }

    public string? Version { get; init; }

    public string? Kind { get; init; }

    public string? Config { get; init; }

    /// <summary>Messages between the two points.</summary>
    public long Messages { get; init; }

    public double WallSeconds { get; init; }

    public double UserSeconds { get; init; }

    public double SystemSeconds { get; init; }

    public double CpuMicros { get; init; }

    public double WallMicros { get; init; }

    public double CorePercent { get; init; }

    public double? BytesPerMessage { get; init; }

    public int? Gen0 { get; init; }

    public int? Gen1 { get; init; }

    public int? Gen2 { get; init; }

    public double? RssMiB { get; init; }

    public double? PeakRssMiB { get; init; }

    public double? P50Micros { get; init; }

    public double? P99Micros { get; init; }

    public double? P999Micros { get; init; }

    public double? MaxMicros { get; init; }

    /// <summary>From the start of the process to the first acknowledgement, as whoever started it saw it.</summary>
    public double? StartMillis { get; init; }

    /// <summary>The program as one file, where it is one.</summary>
    public double? ProgramMiB { get; init; }

    /// <summary>What the client took over its whole run, what it says was delivered, and what the null broker counted.</summary>
    public long? Accepted { get; init; }

    public long? Delivered { get; init; }

    public long? Counted { get; init; }

    public long? Faults { get; init; }

    /// <summary>Records in a Produce request, or given to a Fetch.</summary>
    public double? RecordsPerRequest { get; init; }

    public string? Error { get; init; }

    public static RunReport? Parse(string line) => JsonSerializer.Deserialize(line, RunReportJson.Default.RunReport);

    public string ToJson() => JsonSerializer.Serialize(this, RunReportJson.Default.RunReport);
}
