namespace NetKafka.Simulation.Tests.Faults;

/// <summary>What can go wrong. Each seed draws a few kinds, and from them a list of faults.</summary>
enum FaultKind
{
    /// <summary>An open connection is reset.</summary>
    ConnectionReset,

    /// <summary>An open connection goes dead without a word: what either side sends on it vanishes.</summary>
    HalfOpenConnection,

    /// <summary>For a while connections break after some bytes, in the middle of whatever they carry.</summary>
    ShortLivedConnections,

    /// <summary>For a while a broker refuses connections.</summary>
    RefusedConnections,

    /// <summary>For a while nothing comes through between the clients and a broker; it arrives later.</summary>
    CutOff,

    /// <summary>For a while a broker's link is slow.</summary>
    SlowLink,

    /// <summary>For a while what was sent on a connection that the client has closed arrives late.</summary>
    LateDelivery,

    /// <summary>For a while names are not found.</summary>
    BrokenNames,

    /// <summary>A request is not handled: the broker closes the connection instead.</summary>
    LostRequest,

    /// <summary>A request is handled, and the connection closes instead of the answer.</summary>
    LostResponse,

    /// <summary>Only a part of an answer leaves, then the connection closes.</summary>
    CutResponse,

    /// <summary>A request is handled, and its answer can be none: cut short, of another request, or of a size that cannot be.</summary>
    IllegalAnswer,

    /// <summary>A request is handled and never answered; the connection stays.</summary>
    SilentBroker,

    /// <summary>A request is held back before it is handled.</summary>
    SlowRequest,

    /// <summary>An answer is held back.</summary>
    SlowResponse,

    /// <summary>A request is refused with an error that may pass.</summary>
    RefusedRequest,

    /// <summary>A request is handled and answered with an error that leaves that open.</summary>
    UncertainAnswer,

    /// <summary>A request is handled and answered with an error that leaves that open, and the next one to the same broker is denied.</summary>
    DeniedBehindUncertain,

    /// <summary>A request is refused since its sender may not do that to a topic; access comes back.</summary>
    AccessDenied,

    /// <summary>A partition gets another leader while all brokers run.</summary>
    LeaderMove,

    /// <summary>A group gets another coordinator while all brokers run.</summary>
    CoordinatorMove,

    /// <summary>A broker is killed, and comes back.</summary>
    BrokerDown,

    /// <summary>All brokers are killed, and come back.</summary>
    AllDown,

    /// <summary>For a while a broker's replicas are not in sync, as if it were cut off from the others.</summary>
    ReplicasBehind,

    /// <summary>For a while a broker cannot use one of its log directories: others lead what lies there.</summary>
    LogDirFailed,

    /// <summary>For a while a broker is reached under another name.</summary>
    AddressChange,

    /// <summary>For a while two brokers are reached under each other's name: who knows the old addresses asks the wrong one.</summary>
    SwappedAddresses,

    /// <summary>For a while a broker tells what the cluster was like before.</summary>
    StaleMetadata,

    /// <summary>For a while a broker asks to be left alone.</summary>
    Throttle,

    /// <summary>A topic gets another partition.</summary>
    PartitionAdded,

    /// <summary>
    /// A topic is deleted and created anew, with another id and nothing in it, and some of its leaders refuse the first request of each
    /// producer, as one does that is not ready. In a part of the runs where groups read it.
    /// </summary>
    TopicRecreated,

    /// <summary>A replica that is behind becomes a partition's leader, and what it lacks is lost. Only where nothing is acknowledged.</summary>
    UncleanElection,

    /// <summary>All brokers are replaced by ones of another age, one after the other in no time.</summary>
    VersionsChange,

    /// <summary>Records at the beginning of a partition are deleted.</summary>
    RecordsDeleted,

    /// <summary>A partition is compacted: records here and there are gone, and whole batches.</summary>
    Compacted,

    /// <summary>A batch is written and not acknowledged, and for a while batches must be smaller: a broker restarted with another setting.</summary>
    LimitLowered,

    /// <summary>A bit of the records of a fetch is not what the log holds.</summary>
    DamagedRecords,

    /// <summary>The cluster finalizes another level of transaction.version: it was upgraded, or taken back.</summary>
    FeatureChange,

    /// <summary>The wall clock is set to another time.</summary>
    ClockJump,

    /// <summary>The client's machine is busy with something else, now and then for longer than a session lasts.</summary>
    Stall,

    /// <summary>
    /// The followers of a partition delete records at its beginning that its leader still has. Only where consumers are sent to followers.
    /// </summary>
    FollowersTrimmed,

    /// <summary>
    /// A broker copies nothing any more of what others lead, and serves what it has, until it starts anew: healing does not mend it. Only where
    /// consumers are sent to followers.
    /// </summary>
    FollowerStuck,
}
