using NetKafka.Load.Commands;
using NetKafka.Load.Placing;

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
}
