using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <content>What the members subscribe to, and the target that comes of it.</content>
sealed partial class ConsumerGroup
{
    readonly TopicWatch topics = new(cluster);
    long? targetMadeAtMs;
    TimerEntry? regexTimer;

    IEnumerable<string> SubscribedNames => members.Values.SelectMany(member => member.TopicNames).Concat(regexes.Topics);

    /// <summary>The topics that a member subscribes to, as far as they exist.</summary>
    IEnumerable<Topic> SubscribedTopics(ConsumerGroupMember member) =>
        topics.Existing(member.TopicNames.Concat(regexes.TopicsOf(member.TopicRegex)));

    void RaiseEpoch()
    {
        GroupEpoch++;
        topics.Look(SubscribedNames);
    }

    /// <summary>Topics that came, went or grew raise the epoch too; it is a heartbeat that notices them.</summary>
    void NoteTopics()
    {
        if (topics.HasChanged(SubscribedNames))
            GroupEpoch++;
    }

    /// <summary>Makes the target for the group's epoch, unless it was made or the last one is too new (KIP-1263).</summary>
    void MakeTarget(long nowMs)
    {
        if (AssignmentEpoch >= GroupEpoch || nowMs < targetMadeAtMs + cluster.Settings.ConsumerAssignmentIntervalMs)
            return;
        var subscribers = members.Values
            .Select(member => new Subscriber(member.MemberId, member.InstanceId, [.. SubscribedTopics(member)], TargetOf(member.MemberId)))
            .ToArray();
        var assigned = ServerAssignors.Find(AssignorName)!.Assign(subscribers);
        targets.Clear();
        foreach (var (memberId, target) in assigned)
            targets.Add(memberId, target);
        (AssignmentEpoch, targetMadeAtMs) = (GroupEpoch, nowMs);
    }

    GroupError CheckRegex(Request request)
    {
        var regex = request.SubscribedTopicRegex;
        if (string.IsNullOrEmpty(regex) || CountOf(regex) > 0 || TopicRegexes.TryCheck(regex, out var problem))
            return GroupError.None;
        return new GroupError(ErrorCode.InvalidRegularExpression, $"The regular expression {regex} cannot be used: {problem}");
    }

    SubscriptionChange UpdateRegex(ConsumerGroupMember member, string regex)
    {
        var before = member.TopicRegex;
        if (regex == before)
            return SubscriptionChange.None;
        member.TopicRegex = regex;
        ForgetUnusedRegex(before);
        // Who goes over to no expression at all is known to have no topics by it.
        return regex.Length == 0 || regexes.IsResolved(regex) ? SubscriptionChange.Known : SubscriptionChange.Unresolved;
    }

    int CountOf(string regex) => members.Values.Count(member => member.TopicRegex == regex);

    void ForgetUnusedRegex(string regex)
    {
        if (CountOf(regex) == 0)
            regexes.Forget(regex);
    }

    /// <summary>
    /// Has the expressions looked at, at this moment but behind the answer, where one is new or topics were created; not again until the
    /// last time is some while ago.
    /// </summary>
    void RefreshRegexes(long nowMs)
    {
        var used = UsedRegexes();
        if (used.Length == 0 || regexTimer is not null || nowMs < regexes.ResolvedAtMs + cluster.Settings.RegexRefreshMinIntervalMs)
            return;
        if (used.Length == regexes.Count && regexes.TopicsCreated >= cluster.TopicsCreated)
            return;
        regexTimer = Timers.Schedule(nowMs, ResolveRegexes);
    }

    void ResolveRegexes(long nowMs)
    {
        regexTimer = null;
        var hasChanged = regexes.Resolve(UsedRegexes(), cluster, nowMs);
        if (hasChanged)
            RaiseEpoch();
        else
            NoteTopics();
    }

    string[] UsedRegexes() =>
        [.. members.Values.Select(member => member.TopicRegex).Where(regex => regex.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
