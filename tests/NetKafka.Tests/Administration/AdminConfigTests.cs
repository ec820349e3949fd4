using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Testing;

namespace NetKafka.Tests.Administration;

/// <summary>Configurations, against the embedded Kafka.</summary>
public sealed class AdminConfigTests : IAsyncDisposable
{
    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3 });
    readonly KafkaClient _kafka;
    readonly Admin _admin;

    public AdminConfigTests()
    {
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
        _admin = _kafka.CreateAdmin();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Each_resource_is_described_by_who_knows_it()
    {
        await _admin.CreateTopicsAsync([new NewTopic("payments", 1) { Configs = new Dictionary<string, string> { ["retention.ms"] = "1000" } }], cancellation: Cancellation);
        var described = await _admin.DescribeConfigsAsync([ConfigResource.Topic("payments"), ConfigResource.Broker(3), ConfigResource.Group("g")], cancellation: Cancellation);
        var retention = Assert.Single(described[0].GetOrThrow(), static entry => entry.Name == "retention.ms");
        Assert.Equal(("1000", ConfigSource.Topic, ConfigValueType.Long), (retention.Value, retention.Source, retention.Type));
        Assert.Contains(described[1].GetOrThrow(), static entry => entry is { Name: "num.partitions", IsReadOnly: true });
        Assert.Contains(described[2].GetOrThrow(), static entry => entry is { Name: "share.auto.offset.reset", IsDefault: true });
    }

    [Fact]
    public async Task Each_resource_has_its_own_error()
    {
        var described = await _admin.DescribeConfigsAsync(
            [ConfigResource.Topic("nowhere"), new ConfigResource(ConfigResourceType.Broker, "one"), ConfigResource.Group("g")], cancellation: Cancellation);
        Assert.Equal([ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest, ErrorCode.None], described.Select(static result => result.Error?.Code ?? ErrorCode.None));
        Assert.Contains("'one' is no node id", described[1].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_is_set_and_taken_back()
    {
        var group = ConfigResource.Group("g");
        await Alter(group, ConfigChange.Set("share.auto.offset.reset", "earliest"));
        Assert.Equal(("earliest", ConfigSource.Group), await Value(group, "share.auto.offset.reset"));
        await Alter(group, ConfigChange.Delete("share.auto.offset.reset"));
        Assert.Equal(("latest", ConfigSource.Default), await Value(group, "share.auto.offset.reset"));
    }

    [Fact]
    public async Task Change_that_is_only_validated_is_not_made()
    {
        var group = ConfigResource.Group("g");
        var changes = new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> { [group] = [ConfigChange.Set("share.auto.offset.reset", "earliest")] };
        Assert.True(Assert.Single(await _admin.AlterConfigsAsync(changes, validateOnly: true, Cancellation)).Succeeded);
        Assert.Equal(("latest", ConfigSource.Default), await Value(group, "share.auto.offset.reset"));
    }

    [Fact]
    public async Task Nothing_to_describe_or_change_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.DescribeConfigsAsync([], cancellation: Cancellation));
        Assert.Empty(await admin.AlterConfigsAsync(new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>>(), cancellation: Cancellation));
    }

    async Task Alter(ConfigResource resource, params ConfigChange[] changes)
    {
        foreach (var outcome in await _admin.AlterConfigsAsync(new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> { [resource] = changes }, cancellation: Cancellation))
            outcome.EnsureSuccess();
    }

    async Task<(string?, ConfigSource)> Value(ConfigResource resource, string name)
    {
        var entry = Assert.Single((await _admin.DescribeConfigsAsync([resource], cancellation: Cancellation))[0].GetOrThrow(), entry => entry.Name == name);
        return (entry.Value, entry.Source);
    }
}
