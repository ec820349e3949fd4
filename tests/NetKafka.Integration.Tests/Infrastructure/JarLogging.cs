namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Logging of Kafka's processes to their standard output, in the two tongues of the two major releases.</summary>
static class JarLogging
{
    /// <summary>The option of java that names the configuration, which is written into the folder.</summary>
    public static string Option(string version, string folder, string level)
    {
        if (KafkaRelease.MajorOf(version) < 4)
        {
            var properties = Path.Combine(folder, $"log4j-{level}.properties");
            File.WriteAllText(properties, $"""
                log4j.rootLogger={level}, out
                log4j.appender.out=org.apache.log4j.ConsoleAppender
                log4j.appender.out.Target=System.err
                log4j.appender.out.layout=org.apache.log4j.PatternLayout
                log4j.appender.out.layout.ConversionPattern=%d %p %m (%c)%n

                """);
            return $"-Dlog4j.configuration=file:{properties}";
        }
        var xml = Path.Combine(folder, $"log4j2-{level}.xml");
        File.WriteAllText(xml, $"""
            <Configuration status="WARN">
              <Appenders><Console name="out" target="SYSTEM_ERR"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
              <Loggers><Root level="{level}"><AppenderRef ref="out"/></Root></Loggers>
            </Configuration>

            """);
        return $"-Dlog4j2.configurationFile={xml}";
    }
}
