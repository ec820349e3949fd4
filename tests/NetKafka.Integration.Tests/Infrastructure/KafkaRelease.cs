namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>The releases of Apache Kafka that the tests run against.</summary>
public static class KafkaRelease
{
    public const string Newest = "4.3.1";

    /// <summary>The last line before 4.0 took the oldest request versions away.</summary>
    public const string Older = "3.9.2";

    public static int MajorOf(string version) => int.Parse(version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
}
