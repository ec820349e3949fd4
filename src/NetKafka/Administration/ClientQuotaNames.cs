namespace NetKafka.Administration;

/// <summary>Kafka's names of the client quotas.</summary>
public static class ClientQuotaNames
{
    /// <summary>What producers may write to each broker, in bytes a second: a whole number. Of users and client ids.</summary>
    public const string ProducerByteRate = "producer_byte_rate";

    /// <summary>What consumers may read from each broker, in bytes a second: a whole number. Of users and client ids.</summary>
    public const string ConsumerByteRate = "consumer_byte_rate";

    /// <summary>How much of the threads of each broker requests may take, in percent of one thread (KIP-124). Of users and client ids.</summary>
    public const string RequestPercentage = "request_percentage";

    /// <summary>How many partitions may be created and deleted, by requests on topics, a second (KIP-599). Of users and client ids.</summary>
    public const string ControllerMutationRate = "controller_mutation_rate";

    /// <summary>How many connections may be opened to each broker, a second: a whole number (KIP-612). Of IP addresses.</summary>
    public const string ConnectionCreationRate = "connection_creation_rate";
}
