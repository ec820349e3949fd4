using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// An assignor of the application: its code is called as the others are, never inside a turn, and what it throws or answers is checked, so
/// that nothing wrong of it reaches the group.
/// </summary>
sealed class CustomAssignor(ConsumerPartitionAssignor code, string group) : PartitionAssignor
{
    byte[]? _userData;

    public override string Name { get; } = code.Name;

    public override bool IsCooperative { get; } = code.SupportedProtocols.Contains(RebalanceProtocol.Cooperative);

    /// <summary>What <see cref="AskUserData"/> was told last.</summary>
    public override byte[]? UserData(int generation, Ownership last) => _userData;

    /// <summary>Asks what the member is to say beside its subscription.</summary>
    public void AskUserData(IReadOnlyList<string> topics)
    {
        try
        {
            var data = code.SubscriptionUserData(topics);
            _userData = data.IsEmpty ? null : data.ToArray();
        }
        catch (Exception thrown)
        {
            throw Threw(thrown, nameof(ConsumerPartitionAssignor.SubscriptionUserData));
        }
    }

    /// <summary>Tells what the member was given.</summary>
    public void Tell(MemberAssignment assignment, ConsumerGroupMetadata metadata)
    {
        try
        {
            code.OnAssignment(assignment, metadata);
        }
        catch (Exception thrown)
        {
            throw Threw(thrown, nameof(ConsumerPartitionAssignor.OnAssignment));
        }
    }

    protected override GroupAssignment Share(GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        GroupAssignment? answer;
        try
        {
            answer = code.Assign(new GroupSubscription(group, members, topics.Describe(), topics.DescribeBrokers()));
        }
        catch (Exception thrown)
        {
            throw Threw(thrown, nameof(ConsumerPartitionAssignor.Assign));
        }
        if (answer is null)
            throw Wrong("answered null; it has to say who gets what.");
        return Checked(answer, topics, members);
    }

    /// <summary>A copy of the answer, which the application may have kept.</summary>
    GroupAssignment Checked(GroupAssignment answer, GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        var copy = new GroupAssignment();
        var owners = new Dictionary<TopicPartition, string>();
        foreach (var memberId in answer.MemberIds)
        {
            var member = members.FirstOrDefault(member => member.MemberId == memberId)
                ?? throw Wrong($"gave something to '{memberId}', which is no member of the group. Take the ids from GroupSubscription.Members.");
            foreach (var partition in answer.PartitionsOf(memberId))
            {
                if (!topics.Has(partition))
                    throw Wrong($"gave {partition} to '{memberId}'. There is no such partition; GroupSubscription.Topics has those that there are.");
                if (!member.Topics.Contains(partition.Topic))
                    throw Wrong($"gave {partition} to '{memberId}', which does not subscribe to its topic (MemberSubscription.Topics).");
                if (!owners.TryAdd(partition, memberId))
                    throw Wrong($"gave {partition} twice, to '{owners[partition]}' and to '{memberId}'. Two members would read the same records.");
                copy.Add(memberId, partition);
            }
            copy.SetUserData(memberId, answer.UserDataOf(memberId).ToArray());
        }
        return copy;
    }

    KafkaException Threw(Exception thrown, string method) =>
        new($"Group '{group}': assignor '{Name}' ({code.GetType().Name}) threw in {method}: {thrown.Message}", thrown) { IsFatal = true };

    KafkaException Wrong(string what) => new($"Group '{group}': assignor '{Name}' ({code.GetType().Name}) {what}") { IsFatal = true };
}
