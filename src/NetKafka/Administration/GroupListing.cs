namespace NetKafka.Administration;

/// <summary>A group that there is.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Type">What kind it is; <see cref="GroupType.Unknown"/> on brokers that do not tell it (KIP-848; ListGroups 5).</param>
/// <param name="State">What it is doing; <see cref="GroupState.Unknown"/> on brokers before 2.6.</param>
/// <param name="ProtocolType">What its members are by their own word: "consumer", "connect", "share", …; empty of a group that has offsets and never had a member.</param>
public sealed record GroupListing(string GroupId, GroupType Type, GroupState State, string ProtocolType);
