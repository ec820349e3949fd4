using System.Text.RegularExpressions;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A release of Kafka as jars, with the Java that runs it.</summary>
sealed partial record JarFolder(string Version, string Folder, string Java)
{
    const int OldestJava = 17;

    public string ClassPath => Path.Combine(Folder, "*");

    /// <summary>The releases below NETKAFKA_KAFKA_HOME: jars in it or its libs, or in its subfolders or theirs.</summary>
    public static async Task<(IReadOnlyList<JarFolder> Releases, string WhyNone)> FindAll()
    {
        if (TestSettings.KafkaHome is not { } home)
            return ([], "NETKAFKA_KAFKA_HOME is not set");
        if (!Directory.Exists(home))
            return ([], $"NETKAFKA_KAFKA_HOME names {home}, which is no folder");
        var (java, whyNot) = await FindJava();
        if (java is null)
            return ([], whyNot);
        var releases = Directory.GetDirectories(home).Prepend(home)
            .SelectMany(folder => new[] { folder, Path.Combine(folder, "libs") })
            .Where(Directory.Exists)
            .Select(folder => (Folder: folder, Version: VersionOf(folder)))
            .Where(found => found.Version is not null)
            .Select(found => new JarFolder(found.Version!, Path.GetFullPath(found.Folder), java))
            .ToList();
        return (releases, $"NETKAFKA_KAFKA_HOME names {home}, which holds no kafka-clients-VERSION.jar with a server beside it");
    }

    /// <summary>The release asked for, else the newest of its major version.</summary>
    public static JarFolder? Best(IReadOnlyList<JarFolder> releases, string version) =>
        releases.FirstOrDefault(release => release.Version == version)
        ?? releases.Where(release => KafkaRelease.MajorOf(release.Version) == KafkaRelease.MajorOf(version))
            .OrderByDescending(release => System.Version.Parse(release.Version)).FirstOrDefault();

    static string? VersionOf(string folder) => Directory.EnumerateFiles(folder, "kafka-server-common-*.jar")
        .Select(jar => ServerJar().Match(Path.GetFileName(jar))).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    static async Task<(string? Java, string WhyNot)> FindJava()
    {
        var candidate = Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home
            ? Path.Combine(home, "bin", "java")
            : ChildProcess.Find("java");
        if (candidate is null || await ChildProcess.TryRun(candidate, "-version") is not { ExitCode: 0 } answer)
            return (null, "no Java runs: neither JAVA_HOME nor PATH leads to one");
        // Java writes its version to the error stream: openjdk version "17.0.15" …
        var version = JavaVersion().Match(answer.Error + answer.Output);
        return version.Success && int.Parse(version.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) >= OldestJava
            ? (candidate, "")
            : (null, $"{candidate} is older than Java {OldestJava}: {answer.Error.Trim()}");
    }

    [GeneratedRegex(@"^kafka-server-common-(\d+\.\d+\.\d+)\.jar$")]
    private static partial Regex ServerJar();

    [GeneratedRegex("version \"(\\d+)")]
    private static partial Regex JavaVersion();
}
