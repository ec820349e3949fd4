using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Changes of topics, brokers, loggers and client metrics, against the embedded Kafka.</summary>
public sealed class AdminConfigResourceTests : AdminScene
{
    static readonly ConfigResource Payments = ConfigResource.Topic("payments");
    static readonly ConfigResource Metrics = ConfigResource.ClientMetrics("basic");

    [Fact]
    public async Task Setting_of_a_topic_takes_effect_and_is_taken_back()
    {
        Embedded.CreateTopic("payments", 1, 3);
        Assert.Equal(ErrorCode.None, await Alter(Payments, ConfigChange.Set("max.message.bytes", "100")));
        Assert.Equal(ErrorCode.MessageTooLarge, (await Assert.ThrowsAnyAsync<KafkaException>(() => ProduceAsync("payments", 0, (new string('a', 1_000), DateTimeOffset.UtcNow)))).Code);
        Assert.Equal(ErrorCode.None, await Alter(Payments, ConfigChange.Delete("max.message.bytes")));
        await ProduceAsync("payments", 0, (new string('a', 1_000), DateTimeOffset.UtcNow));
        Assert.Single(Embedded.ReadLog("payments", 0));
    }

    [Fact]
    public async Task Value_is_added_to_a_list_and_taken_out_of_it()
    {
        Embedded.CreateTopic("payments", 1, 3);
        Assert.Equal(ErrorCode.None, await Alter(Payments, ConfigChange.Append("cleanup.policy", "compact")));
        Assert.Equal(("delete,compact", ConfigSource.Topic), await Value(Payments, "cleanup.policy"));
        Assert.Equal(ErrorCode.None, await Alter(Payments, ConfigChange.Subtract("cleanup.policy", "delete")));
        Assert.Equal(("compact", ConfigSource.Topic), await Value(Payments, "cleanup.policy"));
    }

    [Theory]
    [InlineData("retention.ms", "long", ConfigOperation.Set, ErrorCode.InvalidConfig)]
    [InlineData("no.such", "1", ConfigOperation.Set, ErrorCode.InvalidConfig)]
    [InlineData("retention.ms", "1", ConfigOperation.Append, ErrorCode.InvalidConfig)]
    [InlineData("retention.ms", null, ConfigOperation.Set, ErrorCode.InvalidRequest)]
    public async Task Change_of_a_topic_that_cannot_be_changes_nothing(string name, string? value, ConfigOperation operation, ErrorCode error)
    {
        Embedded.CreateTopic("payments", 1, 3);
        Assert.Equal(error, await Alter(Payments, ConfigChange.Set("segment.ms", "5000"), new ConfigChange(operation, name, value)));
        Assert.Equal(ConfigSource.Default, (await Value(Payments, "segment.ms")).Source);
    }

    [Fact]
    public async Task One_configuration_is_changed_once_in_a_call()
    {
        Embedded.CreateTopic("payments", 1, 3);
        Assert.Equal(ErrorCode.InvalidRequest, await Alter(Payments, ConfigChange.Set("segment.ms", "5000"), ConfigChange.Delete("segment.ms")));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await Alter(ConfigResource.Topic("nowhere"), ConfigChange.Set("segment.ms", "5000")));
    }

    [Fact]
    public async Task Setting_of_all_brokers_takes_effect_on_topics_that_set_nothing()
    {
        Embedded.CreateTopic("payments", 1, 1);
        Assert.Equal(ErrorCode.None, await Alter(ConfigResource.AllBrokers, ConfigChange.Set("message.max.bytes", "100")));
        Assert.Equal(("100", ConfigSource.DynamicDefaultBroker), await Value(Payments, "max.message.bytes"));
        Assert.Equal(("100", ConfigSource.DynamicDefaultBroker), await Value(ConfigResource.Broker(2), "message.max.bytes"));
        Assert.Equal(("100", ConfigSource.DynamicDefaultBroker), await Value(ConfigResource.AllBrokers, "message.max.bytes"));
        Assert.Equal(ErrorCode.MessageTooLarge, (await Assert.ThrowsAnyAsync<KafkaException>(() => ProduceAsync("payments", 0, (new string('a', 1_000), DateTimeOffset.UtcNow)))).Code);
        Assert.Equal(ErrorCode.None, await Alter(ConfigResource.AllBrokers, ConfigChange.Delete("message.max.bytes")));
        Assert.Equal(("1048588", ConfigSource.Default), await Value(ConfigResource.Broker(2), "message.max.bytes"));
        await ProduceAsync("payments", 0, (new string('a', 1_000), DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Setting_of_a_broker_is_its_own()
    {
        Assert.Equal(ErrorCode.None, await Alter(ConfigResource.Broker(2), ConfigChange.Set("num.io.threads", "9")));
        Assert.Equal(("9", ConfigSource.DynamicBroker), await Value(ConfigResource.Broker(2), "num.io.threads"));
        Assert.Equal(("8", ConfigSource.Default), await Value(ConfigResource.Broker(1), "num.io.threads"));
        Assert.Equal(ErrorCode.InvalidRequest, await Alter(ConfigResource.Broker(2), ConfigChange.Set("num.partitions", "9")));
        Assert.Equal(ErrorCode.InvalidRequest, await Alter(ConfigResource.Broker(2), ConfigChange.Set("num.io.threads", "many")));
    }

    [Fact]
    public async Task Level_of_a_logger_is_its_brokers_own()
    {
        var loggers = ConfigResource.BrokerLogger(2);
        Assert.Equal(ErrorCode.None, await Alter(loggers, ConfigChange.Set("kafka.server.KafkaApis", "DEBUG")));
        Assert.Equal(("DEBUG", ConfigSource.DynamicBrokerLogger), await Value(loggers, "kafka.server.KafkaApis"));
        Assert.Equal("INFO", (await Value(ConfigResource.BrokerLogger(1), "kafka.server.KafkaApis")).Value);
        Assert.Equal(ErrorCode.None, await Alter(loggers, ConfigChange.Delete("kafka.server.KafkaApis"), ConfigChange.Set("root", "WARN")));
        Assert.Equal("WARN", (await Value(loggers, "kafka.server.KafkaApis")).Value);
        Assert.Equal(ErrorCode.InvalidConfig, await Alter(loggers, ConfigChange.Set("kafka.server.KafkaApis", "LOUD")));
        Assert.Equal(ErrorCode.InvalidConfig, await Alter(loggers, ConfigChange.Set("no.such", "INFO")));
        Assert.Equal(ErrorCode.InvalidRequest, await Alter(loggers, ConfigChange.Delete("root")));
        Assert.Equal(ErrorCode.InvalidRequest, await Alter(loggers, ConfigChange.Append("root", "INFO")));
    }

    [Fact]
    public async Task Subscription_to_client_metrics_is_made_and_ended()
    {
        Assert.Equal(ErrorCode.None, await Alter(Metrics, ConfigChange.Set("interval.ms", "1000"), ConfigChange.Set("match", "client_id=pay.*")));
        Assert.Equal(("1000", ConfigSource.ClientMetrics), await Value(Metrics, "interval.ms"));
        Assert.Equal([Metrics], await Admin.ListConfigResourcesAsync([ConfigResourceType.ClientMetrics], Cancellation));
        Assert.Equal(ErrorCode.None, await Alter(Metrics, ConfigChange.Delete("interval.ms"), ConfigChange.Delete("match")));
        Assert.Equal(("300000", ConfigSource.Default), await Value(Metrics, "interval.ms"));
        Assert.Empty(await Admin.ListConfigResourcesAsync([ConfigResourceType.ClientMetrics], Cancellation));
    }

    [Theory]
    [InlineData("interval.ms", "soon", ErrorCode.InvalidConfig)]
    [InlineData("interval.ms", "99", ErrorCode.InvalidRequest)]
    [InlineData("match", "somebody", ErrorCode.InvalidConfig)]
    [InlineData("match", "client_id=[", ErrorCode.InvalidConfig)]
    [InlineData("no.such", "1", ErrorCode.InvalidRequest)]
    public async Task Subscription_that_cannot_be_is_not_made(string name, string value, ErrorCode error)
    {
        Assert.Equal(error, await Alter(Metrics, ConfigChange.Set(name, value)));
        Assert.Empty(await Admin.ListConfigResourcesAsync([ConfigResourceType.ClientMetrics], Cancellation));
    }

    [Fact]
    public async Task Resources_are_listed_by_kind()
    {
        Embedded.CreateTopic("payments", 1, 1);
        Embedded.SetGroupConfig("g", "share.auto.offset.reset", "earliest");
        Assert.Equal(
            [Payments, ConfigResource.Broker(1), ConfigResource.Broker(2), ConfigResource.Broker(3), ConfigResource.Group("g")],
            await Admin.ListConfigResourcesAsync([ConfigResourceType.Group, ConfigResourceType.Topic, ConfigResourceType.Broker], Cancellation));
        Assert.Equal(8, (await Admin.ListConfigResourcesAsync(cancellation: Cancellation)).Count);
        Assert.Empty(await Admin.ListConfigResourcesAsync([], Cancellation));
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await Admin.ListConfigResourcesAsync([(ConfigResourceType)99], Cancellation));
        Assert.Equal(ErrorCode.UnsupportedVersion, error.Code);
    }

    async Task<ErrorCode> Alter(ConfigResource resource, params ConfigChange[] changes) => Assert.Single(await Admin.AlterConfigsAsync(
        new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> { [resource] = changes }, cancellation: Cancellation)).Error?.Code ?? ErrorCode.None;

    async Task<(string? Value, ConfigSource Source)> Value(ConfigResource resource, string name)
    {
        var entry = Assert.Single((await Admin.DescribeConfigsAsync([resource], cancellation: Cancellation))[0].GetOrThrow(), entry => entry.Name == name);
        return (entry.Value, entry.Source);
    }
}
