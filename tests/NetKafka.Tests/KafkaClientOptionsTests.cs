namespace NetKafka.Tests;

public sealed class KafkaClientOptionsTests
{
    [Theory]
    [InlineData("localhost", "localhost:9092")]
    [InlineData("a:1, b:65535 ,c", "a:1 b:65535 c:9092")]
    [InlineData("[::1]:9093", "::1:9093")]
    [InlineData("[fe80::1]", "fe80::1:9092")]
    [InlineData("fe80::1", "fe80::1:9092")]
    [InlineData("::1", "::1:9092")]
    [InlineData("PLAINTEXT://broker:9094,OTHER://[::1]:9095", "broker:9094 ::1:9095")]
    [InlineData("a:1,,b:2,", "a:1 b:2")]
    public void Bootstrap_servers_are_read(string servers, string expected)
    {
        var mistakes = new List<string>();
        Assert.Equal(expected, string.Join(" ", Bootstrap.Parse(servers, mistakes).Select(endpoint => $"{endpoint.Host}:{endpoint.Port}")));
        Assert.Empty(mistakes);
    }

    [Theory]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:-1")]
    [InlineData("a:port")]
    [InlineData("a:")]
    [InlineData(":9092")]
    [InlineData("[]:9092")]
    [InlineData("a:9092/path")]
    [InlineData("a: 9092")]
    public void Server_that_cannot_be_read_is_named(string server)
    {
        var error = Assert.Throws<KafkaOptionsException>(() => new KafkaClient($"good:9092,{server}"));
        Assert.Contains($"\"{server}\"", Assert.Single(error.Mistakes));
    }

    [Fact]
    public void Client_talks_to_brokers_or_to_controllers()
    {
        var error = Assert.Throws<KafkaOptionsException>(() => new KafkaClient(new KafkaClientOptions { BootstrapServers = "a:9092", BootstrapControllers = "a:9093" }));
        Assert.Contains("both set", Assert.Single(error.Mistakes));
        error = Assert.Throws<KafkaOptionsException>(() => new KafkaClient(new KafkaClientOptions { BootstrapControllers = "a:x" }));
        Assert.Contains("BootstrapControllers has \"a:x\"", Assert.Single(error.Mistakes));
    }

    [Fact]
    public void Of_a_client_that_talks_to_controllers_only_an_admin_is_made()
    {
        using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapControllers = "localhost:1" });
        Assert.All(
            (Action[])[() => kafka.CreateProducer<string, string>(), () => kafka.CreateConsumer<string, string>("g", "t"), () => kafka.CreateShareConsumer<string, string>("g", "t")],
            create => Assert.Contains("BootstrapControllers is set", Assert.Single(Assert.Throws<KafkaOptionsException>(create).Mistakes)));
        kafka.CreateAdmin().Dispose();
    }

    [Fact]
    public void Every_mistake_is_listed()
    {
        var error = Assert.Throws<KafkaOptionsException>(() => new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = "a:0,b:x",
            RequestTimeout = TimeSpan.Zero,
            ConnectionSetupTimeout = Timeout.InfiniteTimeSpan,
            ConnectionMaxIdle = TimeSpan.FromMilliseconds(-5),
            ReconnectBackoff = TimeSpan.Zero,
            ReconnectBackoffMax = TimeSpan.FromTicks(-1),
            RetryBackoff = TimeSpan.FromSeconds(2),
            RetryBackoffMax = TimeSpan.FromSeconds(1),
            MetadataMaxAge = TimeSpan.Zero,
            MaxResponseBytes = 1000,
        }));
        string[] expected =
        [
            "\"a:0\"", "\"b:x\"", "RequestTimeout", "ConnectionSetupTimeout", "ConnectionMaxIdle", "ReconnectBackoff is", "MetadataMaxAge",
            "ReconnectBackoffMax", "RetryBackoffMax", "MaxResponseBytes",
        ];
        Assert.Equal(expected.Length, error.Mistakes.Count);
        Assert.All(expected.Zip(error.Mistakes), pair => Assert.Contains(pair.First, pair.Second));
        Assert.All(error.Mistakes, mistake => Assert.Contains(mistake, error.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ,")]
    [InlineData(null)]
    public void Empty_list_of_servers_says_what_to_give(string? servers) =>
        Assert.Contains("localhost:9092", Assert.Single(
            Assert.Throws<KafkaOptionsException>(() => new KafkaClient(new KafkaClientOptions { BootstrapServers = servers! })).Mistakes));

    [Fact]
    public void Later_changes_of_the_options_have_no_effect()
    {
        var options = new KafkaClientOptions { BootstrapServers = "localhost", ClientId = "first" };
        using var kafka = new KafkaClient(options);
        options.ClientId = "second";

        Assert.Equal("first", kafka.Runtime.Options.ClientId);
    }

    [Fact]
    public void Idle_connections_may_be_kept_for_ever() =>
        new KafkaClient(new KafkaClientOptions { BootstrapServers = "localhost", ConnectionMaxIdle = Timeout.InfiniteTimeSpan }).Dispose();
}
