using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class ApiVersionsTests
{
    readonly MachineDriver driver = new();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_api_is_named_with_its_range(short version)
    {
        var answer = driver.Ask(driver.Connect(), new ApiVersionsRequest(), version);

        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        var produce = Assert.Single(answer.ApiKeys, api => api.ApiKey == (short)ApiKey.Produce);
        Assert.Equal((3, 13), (produce.MinVersion, produce.MaxVersion));
    }

    [Fact]
    public void Unknown_version_is_answered_in_version_0_with_the_ranges()
    {
        var connection = driver.Connect();
        var frame = driver.Frame(new ApiVersionsRequest(), 5);
        frame[7] = 99;

        driver.Machine.Receive(connection, frame, driver.NowMs);

        Assert.True(driver.TryTake(connection, out var bytes));
        var answer = MachineDriver.Decode<ApiVersionsRequest, ApiVersionsResponse>(bytes, 0);
        Assert.Equal(ErrorCode.UnsupportedVersion, answer.ErrorCode);
        Assert.Contains(answer.ApiKeys, api => api is { ApiKey: (short)ApiKey.ApiVersions, MaxVersion: 5 });
        Assert.False(driver.IsClosed(connection));
    }

    [Fact]
    public void Limits_pose_as_an_older_broker()
    {
        driver.Cluster.Settings.ApiVersionLimits[(short)ApiKey.Produce] = (0, 7);
        driver.Cluster.Settings.ApiVersionLimits[(short)ApiKey.CreateTopics] = (0, -1);

        var answer = driver.Ask(driver.Connect(), new ApiVersionsRequest(), 0);

        Assert.Contains(answer.ApiKeys, api => api is { ApiKey: (short)ApiKey.Produce, MinVersion: 3, MaxVersion: 7 });
        Assert.DoesNotContain(answer.ApiKeys, api => api.ApiKey == (short)ApiKey.CreateTopics);
    }
}
