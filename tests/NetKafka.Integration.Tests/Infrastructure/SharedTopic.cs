using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A topic, and a share group that works through it.</summary>
sealed record SharedTopic(KafkaCluster Cluster, string Group, string Topic)
{
    const short ShareFetch = 78;
    const short StrictVersion = 2;

    /// <summary>
    /// Creates both; the group begins with the first record unless its settings are given. Skips the test where the cluster serves no share groups.
    /// </summary>
    public static async Task<SharedTopic> On(
        KafkaCluster cluster, int partitions = 1, IReadOnlyList<string>? groupSettings = null, IReadOnlyDictionary<string, string>? topicSettings = null,
        CancellationToken cancellation = default)
    {
        cluster.Require(ShareFetch, StrictVersion, "A share group");
        var topic = await cluster.CreateTopic(partitions, settings: topicSettings, cancellation: cancellation);
        return await new SharedTopic(cluster, "", topic).ForAnotherGroup(groupSettings, cancellation);
    }

    /// <summary>Another group that works through the same topic.</summary>
    public async Task<SharedTopic> ForAnotherGroup(IReadOnlyList<string>? settings = null, CancellationToken cancellation = default)
    {
        var group = Cluster.NewName("share");
        settings ??= ["share.auto.offset.reset=earliest"];
        if (settings.Count > 0)
            await Cluster.Tools.ConfigureGroup(group, settings, cancellation);
        return this with { Group = group };
    }

    /// <summary>Options of a consumer of the group; a new object each time.</summary>
    public ShareConsumerOptions Options(Action<IReadOnlyList<ShareAcknowledgement>>? told = null) =>
        new() { GroupId = Group, Topics = [Topic], OnAcknowledged = told };

    /// <summary>Options of a consumer that says itself what becomes of each record.</summary>
    public ShareConsumerOptions ExplicitOptions(Action<IReadOnlyList<ShareAcknowledgement>>? told = null)
    {
        var options = Options(told);
        options.AcknowledgementMode = ShareAcknowledgementMode.Explicit;
        return options;
    }

    /// <summary>Writes records whose values are their numbers.</summary>
    public async Task Produce(int records, int from = 0, CancellationToken cancellation = default)
    {
        await using var kafka = new KafkaClient(Cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<Nothing, string>();
        await Task.WhenAll(Enumerable.Range(from, records).Select(number =>
            producer.ProduceAsync(new ProducerRecord<Nothing, string>(Topic, default, $"{number}"), cancellation).AsTask()));
    }
}
