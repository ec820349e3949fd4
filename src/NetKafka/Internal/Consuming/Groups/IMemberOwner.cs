namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// Who holds the partitions that a member is given. What is asked is answered once by
/// <see cref="MemberMachine.OnHandedOver"/> with the same number, at the latest when a rebalance would not wait longer.
/// </summary>
interface IMemberOwner
{
    /// <summary>These are to be given up: let the application finish, commit, forget them.</summary>
    void Release(int number, IReadOnlyList<TopicPartition> partitions);

    /// <summary>These are gone, and others may read them: forget them at once and commit nothing.</summary>
    void Lose(int number, IReadOnlyList<TopicPartition> partitions, string reason);

    /// <summary>These are new, perhaps none.</summary>
    void Take(int number, IReadOnlyList<TopicPartition> partitions);

    /// <summary>Something that the application has to know, and the member goes on.</summary>
    void OnMemberProblem(KafkaException problem);

    /// <summary>The member cannot be one, however often it asks.</summary>
    void OnMemberFailed(KafkaException error);
}
