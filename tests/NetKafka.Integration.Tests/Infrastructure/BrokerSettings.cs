namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>server.properties of a broker for tests: small, quick to start, and creating no topic by itself.</summary>
static class BrokerSettings
{
    public const string ClusterId = "4L6g3nShT-eMCtK--X86sw";

    /// <summary>In the value of a setting: the broker's own data folder, as in log.dirs=${data},${data}-more.</summary>
    public const string DataPlace = "${data}";

    /// <summary>What holds for a broker wherever it runs; copies is the number of brokers, at most three.</summary>
    public static Dictionary<string, string> Common(string version, int brokers)
    {
        var copies = Math.Min(brokers, 3);
        var copiesInSync = copies > 1 ? "2" : "1";
        var settings = new Dictionary<string, string>
        {
            ["auto.create.topics.enable"] = "false",
            ["default.replication.factor"] = $"{copies}",
            ["min.insync.replicas"] = copiesInSync,
            ["offsets.topic.replication.factor"] = $"{copies}",
            ["offsets.topic.num.partitions"] = "5",
            ["transaction.state.log.replication.factor"] = $"{copies}",
            ["transaction.state.log.min.isr"] = copiesInSync,
            ["transaction.state.log.num.partitions"] = "5",
            ["group.initial.rebalance.delay.ms"] = "0",
            ["log.cleaner.backoff.ms"] = "100",
        };
        if (KafkaRelease.MajorOf(version) >= 4)
        {
            settings["share.coordinator.state.topic.replication.factor"] = $"{copies}";
            settings["share.coordinator.state.topic.min.isr"] = copiesInSync;
            settings["share.coordinator.state.topic.num.partitions"] = "5";
            settings["group.share.min.record.lock.duration.ms"] = "1000";
        }
        return settings;
    }

    /// <summary>A node that is both broker and controller, with a listener for clients and one for its peers.</summary>
    public static Dictionary<string, string> Node(
        string version, int id, int brokers, string listeners, string advertised, string voters, string dataFolder)
    {
        var settings = Common(version, brokers);
        settings["process.roles"] = "broker,controller";
        settings["node.id"] = $"{id}";
        settings["broker.rack"] = $"rack-{id}";
        settings["listeners"] = listeners;
        settings["advertised.listeners"] = advertised;
        settings["controller.listener.names"] = "CONTROLLER";
        settings["controller.quorum.voters"] = voters;
        settings["listener.security.protocol.map"] =
            "PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL";
        settings["inter.broker.listener.name"] = "INTERNAL";
        settings["log.dirs"] = dataFolder;
        return settings;
    }

    /// <summary>As the images read it: dots become one underscore, underscores two, dashes three.</summary>
    public static Dictionary<string, string> AsEnvironment(IReadOnlyDictionary<string, string> settings) => settings.ToDictionary(
        setting => "KAFKA_" + setting.Key.Replace("_", "__").Replace("-", "___").Replace('.', '_').ToUpperInvariant(),
        setting => setting.Value);
}
