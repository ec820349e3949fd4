using NetKafka.Load.Measuring;

namespace NetKafka.Load.Tests;

public sealed class RunReportTests
{
    [Fact]
    public void Report_that_was_written_is_read_again()
    {
        var report = new RunReport
        {
            Client = "netkafka", Kind = "Start", Messages = 3, CpuMicros = 0.25, P99Micros = double.NaN, Gen0 = 2, Error = "it \"broke\"",
        };

        Assert.Equal(report, RunReport.Parse(report.ToJson()));
    }

    [Fact]
    public void What_a_run_has_not_is_not_in_its_line() => Assert.Equal(
        """{"client":"confluent","messages":1,"wallSeconds":0,"userSeconds":0,"systemSeconds":0,"cpuMicros":0,"wallMicros":"Infinity","corePercent":0}""",
        new RunReport { Client = "confluent", Messages = 1, WallMicros = double.PositiveInfinity }.ToJson());
}
