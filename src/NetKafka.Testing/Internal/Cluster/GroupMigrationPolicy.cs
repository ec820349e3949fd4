namespace NetKafka.Testing.Internal.Cluster;

/// <summary>Which groups may go over to the other protocol while members are in them.</summary>
enum GroupMigrationPolicy
{
    Disabled,

    /// <summary>Classic groups, when a member of the consumer protocol joins.</summary>
    Upgrade,

    /// <summary>Groups of the consumer protocol, when their last member that speaks it is gone.</summary>
    Downgrade,

    Bidirectional,
}
