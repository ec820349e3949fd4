namespace NetKafka.Administration;

/// <summary>Which replica an election makes the leader of a partition. The numbers are Kafka's.</summary>
public enum ElectionType
{
    /// <summary>The first of the partition's replicas, if it is in sync. Nothing is lost.</summary>
    Preferred = 0,

    /// <summary>
    /// Any replica that is up, for a partition that has no leader (KIP-460). What it had not copied is lost for good, acknowledged or not.
    /// </summary>
    Unclean = 1,
}
