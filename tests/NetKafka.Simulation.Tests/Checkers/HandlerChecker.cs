namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// What the handlers of one member are told: P13, each partition is given once and taken once; and P12, none is given up with a record of
/// it in hand.
/// </summary>
sealed class HandlerChecker(string member, Violations violations)
{
    readonly HashSet<TopicPartition> _assigned = [];

    /// <summary>Whether the member was told that it has a partition, and not since that it has it no more.</summary>
    public bool Has(TopicPartition partition) => _assigned.Contains(partition);

    public void Assign(TopicPartition partition)
    {
        if (!_assigned.Add(partition))
            violations.Add("P13 assignment", $"{member} is told twice that it has {partition}");
    }

    /// <param name="partition">The partition.</param>
    /// <param name="isHeld">Whether a record of it is in hand, for no longer than a rebalance waits.</param>
    public void Revoke(TopicPartition partition, bool isHeld)
    {
        if (isHeld)
            violations.Add("P12 one owner", $"{member} gives {partition} up with a record of it in hand");
        GiveUp(partition, "gives up");
    }

    public void Lose(TopicPartition partition) => GiveUp(partition, "has lost");

    void GiveUp(TopicPartition partition, string what)
    {
        if (!_assigned.Remove(partition))
            violations.Add("P13 assignment", $"{member} is told that it {what} {partition}, which it had not");
    }
}
