namespace NetKafka.Simulation.Tests.Histories;

/// <summary>A record as a member was given it.</summary>
/// <param name="Member">The member.</param>
/// <param name="Turn">Which time of reading the partition it was for this member: assignments and new loops begin anew.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
/// <param name="Id">The number in its value.</param>
readonly record struct Delivery(string Member, int Turn, string Topic, int Partition, long Offset, int Id);
