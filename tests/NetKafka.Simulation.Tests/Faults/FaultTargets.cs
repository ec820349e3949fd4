using NetKafka.Simulation.Tests.Network;
using NetKafka.Testing.Internal;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>What faults strike.</summary>
/// <param name="Network">The network between clients and brokers.</param>
/// <param name="Machine">The brokers.</param>
/// <param name="Surgery">Their logs.</param>
/// <param name="Meets">Whether a kind of fault may strike in this run.</param>
/// <param name="NeedsTransactions">Whether brokers must know transactions.</param>
/// <param name="NeedsConsumerProtocol">Whether brokers must know the consumer protocol of groups.</param>
/// <param name="CommitsByName">Whether brokers are too old to be told of committed offsets by topic id.</param>
/// <param name="BreakNames">Breaks the resolving of names, or mends it.</param>
/// <param name="JumpClock">Sets the wall clock.</param>
/// <param name="Stall">Lets ticks pass in which no client does anything.</param>
sealed record FaultTargets(
    SimNetwork Network, ClusterMachine Machine, LogSurgery Surgery, Func<FaultKind, bool> Meets, bool NeedsTransactions, bool NeedsConsumerProtocol,
    bool CommitsByName, Action<bool> BreakNames,
    Action<TimeSpan> JumpClock, Action<long> Stall);
