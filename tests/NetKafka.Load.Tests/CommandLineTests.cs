using NetKafka.Load.Commands;
using NetKafka.Load.Placing;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("free", CpuLayout.Free)]
    [InlineData("pinned", CpuLayout.Pinned)]
    [InlineData("one-core", CpuLayout.OneCore)]
    public void Choice_of_two_words_is_written_with_a_hyphen(string text, object layout) =>
        Assert.Equal(layout, new CommandLine(["--layout", text]).Choice("layout", CpuLayout.Free));

    [Theory]
    [InlineData("both")]
    [InlineData("7")]
    public void Choice_that_does_not_exist_names_those_that_do(string text)
    {
        var error = Assert.Throws<UsageException>(() => new CommandLine(["--layout", text]).Choice("layout", CpuLayout.Free));

        Assert.Contains("free, pinned, one-core", error.Message);
    }

    [Theory]
    [InlineData("run --layout pinned --kind fire", "run --kind fire")]
    [InlineData("run --kind fire --layout pinned", "run --kind fire")]
    [InlineData("run --layout --check", "run --check")]
    [InlineData("run --kind fire", "run --kind fire")]
    public void Option_goes_with_its_value(string all, string rest) =>
        Assert.Equal(rest.Split(' '), CommandLine.Without(all.Split(' '), "layout"));

    [Fact]
    public void Option_that_the_usage_does_not_name_is_refused_with_the_usage()
    {
        var error = Assert.Throws<UsageException>(() => new CommandLine(["--output", "out", "--block", "3"]).Expect(CompareCommand.Usage));

        Assert.Contains("--block is not known", error.Message);
        Assert.Contains(CompareCommand.Usage, error.Message);
    }

    [Fact]
    public void Options_that_one_process_gives_another_are_all_named_by_its_usage() =>
        new CommandLine(new LoadSettings { BufferTime = TimeSpan.FromSeconds(1), IsCounted = false }.ToArguments()).Expect(RunCommand.Usage);
}
