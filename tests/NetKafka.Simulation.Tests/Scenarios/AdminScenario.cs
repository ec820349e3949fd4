using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Administrators create topics and set what groups have committed while the cluster fails, and look at it. Each name and each offset is used once,
/// so that in the end the cluster itself shows what became of every item. In the healthy cluster all calls do what they say.
/// </summary>
sealed class AdminScenario : Scenario
{
    const string Rule = "P22 admin";
    const int Calls = 30;
    const int Partitions = 3;

    static readonly TimeSpan SettleFor = TimeSpan.FromSeconds(20);
    static readonly TimeSpan CallsInHealth = TimeSpan.FromSeconds(60);

    readonly Dictionary<string, KafkaException?> _created = new(StringComparer.Ordinal);
    readonly Dictionary<(string Group, TopicPartition Partition), List<(long Offset, KafkaException? Error)>> _set = [];
    long _nextOffset = 1;

    public override string Name => "admin";

    /// <summary>What is there is the administrators' own doing.</summary>
    public override bool Meets(FaultKind kind) => kind is not (FaultKind.AccessDenied or FaultKind.DeniedBehindUncertain) && base.Meets(kind);

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(300);

    public override async Task RunAsync(SimWorld world)
    {
        world.Wire.HasAdministrators = true;
        world.CreateTopic("base", Partitions, 3);
        var operators = 1 + world.Random.Next(2);
        await Task.WhenAll(Enumerable.Range(0, operators).Select(index => OperateAsync(world, $"operator-{index}")));
    }

    public override void Check(SimWorld world)
    {
    }

    async Task OperateAsync(SimWorld world, string name)
    {
        var client = world.CreateClient(name);
        var admin = client.CreateAdmin(new AdminOptions { CallTimeout = TimeSpan.FromMilliseconds(1_000 + world.Random.Next(9_000)) });
        for (var call = 0; call < Calls && !world.Healed.IsCompleted; call++)
        {
            await world.Pause(TimeSpan.FromMilliseconds(world.Random.Next(400)));
            await CallAsync(world, admin, name, call);
        }
        await world.Healed;
        // What was sent on connections that are gone may still arrive.
        await world.Pause(SettleFor);
        await HoldAsync(world, client, name);
        await admin.DisposeAsync();
        await client.DisposeAsync();
    }

    async Task CallAsync(SimWorld world, Admin admin, string name, int call)
    {
        switch (world.Random.Next(5))
        {
            case 0 or 1:
                await CreateAsync(world, admin, [.. Enumerable.Range(0, 1 + world.Random.Next(3)).Select(index => $"{name}-topic-{call}-{index}")]);
                break;
            case 2 or 3:
                await SetAsync(world, admin, $"{name}-group-{world.Random.Next(4)}");
                break;
            default:
                await LookAsync(world, admin, name);
                break;
        }
    }

    async Task CreateAsync(SimWorld world, Admin admin, string[] names)
    {
        var results = await admin.CreateTopicsAsync(names.Select(static name => new NewTopic(name, Partitions, 1)));
        HoldItems(world, "creation", names, [.. results.Select(static result => result.Item)]);
        foreach (var result in results)
        {
            HoldError(world, result.Item, result.Error, ErrorCode.TopicAlreadyExists, ErrorCode.InvalidReplicationFactor);
            _created[result.Item] = result.Error;
        }
    }

    async Task SetAsync(SimWorld world, Admin admin, string group)
    {
        TopicPartitionOffset[] offsets = [.. Enumerable.Range(0, 1 + world.Random.Next(Partitions)).Select(partition => new TopicPartitionOffset("base", partition, _nextOffset++))];
        var outcomes = await admin.AlterConsumerGroupOffsetsAsync(group, offsets);
        HoldItems(world, "setting of offsets", offsets.Select(static offset => offset.TopicPartition), [.. outcomes.Select(static outcome => outcome.Item)]);
        for (var i = 0; i < offsets.Length; i++)
        {
            // A group in a rebalance has members, which commit for themselves.
            HoldError(world, $"{group} {offsets[i]}", outcomes[i].Error, ErrorCode.RebalanceInProgress);
            if (!_set.TryGetValue((group, offsets[i].TopicPartition), out var all))
                _set[(group, offsets[i].TopicPartition)] = all = [];
            all.Add((offsets[i].Offset, outcomes[i].Error));
        }
    }

    async Task LookAsync(SimWorld world, Admin admin, string name)
    {
        string[] groups = [.. Enumerable.Range(0, 4).Select(index => $"{name}-group-{index}")];
        var listed = await admin.ListConsumerGroupOffsetsAsync(groups);
        HoldItems(world, "list of offsets", groups, [.. listed.Select(static result => result.Item)]);
        foreach (var result in listed)
        {
            HoldError(world, result.Item, result.Error);
            foreach (var (partition, offset) in result.Value ?? new Dictionary<TopicPartition, GroupOffset>())
                HoldOffset(world, result.Item, partition, offset.Offset);
        }
        TopicPartition[] partitions = [.. Enumerable.Range(0, Partitions).Select(static partition => new TopicPartition("base", partition))];
        var ends = await admin.ListOffsetsAsync(partitions.ToDictionary(static partition => partition, static _ => OffsetSpec.Latest));
        HoldItems(world, "list of ends", partitions, [.. ends.Select(static result => result.Item)]);
        foreach (var end in ends)
            HoldError(world, $"{end.Item}", end.Error, ErrorCode.UnknownTopicOrPartition);
    }

    /// <summary>Nothing fails any more: the cluster is as the calls have told, and a new call does what it says.</summary>
    async Task HoldAsync(SimWorld world, KafkaClient client, string name)
    {
        await using var admin = client.CreateAdmin(new AdminOptions { CallTimeout = CallsInHealth });
        foreach (var (topic, error) in _created.Where(created => created.Key.StartsWith(name, StringComparison.Ordinal)))
        {
            var isThere = world.Machine.Cluster.FindTopic(topic) is not null;
            // A name was asked for once: whoever is told that it is there had it created by an earlier try.
            bool? mustBe = error switch
            {
                null => true,
                KafkaTimeoutException timeout => timeout.WasSent ? null : false,
                _ => error.Code == ErrorCode.TopicAlreadyExists ? true : error.Code == ErrorCode.None ? null : false,
            };
            if (mustBe is { } must && must != isThere)
                world.Violations.Add(Rule, $"topic {topic} {(isThere ? "is there" : "is not there")}, and its creation ended with {error?.Message ?? "success"}");
        }
        foreach (var (key, tries) in _set.Where(set => set.Key.Group.StartsWith(name, StringComparison.Ordinal)))
        {
            var committed = world.CommittedOffset(key.Group, key.Partition.Topic, key.Partition.Partition);
            if (committed < 0 && tries.Exists(static one => one.Error is null))
                world.Violations.Add(Rule, $"{key.Group} has nothing for {key.Partition}, and was set there with success");
            if (committed >= 0)
                HoldOffset(world, key.Group, key.Partition, committed);
        }
        await DoAsync(world, admin, name);
    }

    async Task DoAsync(SimWorld world, Admin admin, string name)
    {
        var topic = $"{name}-last";
        foreach (var created in await admin.CreateTopicsAsync([new NewTopic(topic, Partitions, 3)]))
        {
            // A connection may always be lost with an answer on it: the next try finds the topic there.
            if (created.Error?.Code != ErrorCode.TopicAlreadyExists)
                HoldSuccess(world, topic, created.Error);
        }
        var described = await admin.DescribeTopicsAsync([topic]);
        Succeeds(world, described);
        if (described[0].Value is { } description && description.Partitions.Count != Partitions)
            world.Violations.Add(Rule, $"{topic} was described with {description.Partitions.Count} partitions");
        foreach (var group in (string[])[$"{name}-group-0", $"{name}-group-1", $"{name}-last"])
        {
            TopicPartition partition = new("base", 0);
            var offset = _nextOffset++;
            foreach (var outcome in await admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(partition, offset)]))
                HoldSuccess(world, $"{outcome.Item} of {group}", outcome.Error);
            var listed = await admin.ListConsumerGroupOffsetsAsync([group]);
            Succeeds(world, listed);
            if (listed[0].Value is { } offsets && offsets.GetValueOrDefault(partition).Offset != offset)
                world.Violations.Add(Rule, $"{group} was set to {offset} for {partition}, and is listed with {offsets.GetValueOrDefault(partition).Offset}");
        }
        var groups = await admin.ListGroupsAsync();
        foreach (var failure in groups.Failures)
            HoldSuccess(world, $"groups of broker {failure.Item}", failure.Error);
        if (groups.Items.Count(group => group.GroupId == $"{name}-last") != 1)
            world.Violations.Add(Rule, $"{name}-last is not listed once among the groups");
        foreach (var outcome in await admin.DeleteGroupsAsync([$"{name}-last"]))
            HoldSuccess(world, $"group {outcome.Item}", outcome.Error);
        foreach (var outcome in await admin.DeleteTopicsAsync([topic]))
            HoldSuccess(world, $"topic {outcome.Item}", outcome.Error);
        if (world.Machine.Cluster.FindTopic(topic) is not null)
            world.Violations.Add(Rule, $"{topic} was deleted with success, and is there");
    }

    static void Succeeds<TItem, TValue>(SimWorld world, IEnumerable<ItemResult<TItem, TValue>> results)
    {
        foreach (var result in results)
            HoldSuccess(world, $"{result.Item}", result.Error);
    }

    static void HoldSuccess(SimWorld world, string item, KafkaException? error)
    {
        if (error is not null)
            world.Violations.Add(Rule, $"{item} failed in the healthy cluster: {error.Message}");
    }

    static void HoldItems<T>(SimWorld world, string what, IEnumerable<T> asked, IReadOnlyList<T> told)
    {
        if (!asked.SequenceEqual(told))
            world.Violations.Add(Rule, $"the {what} told of [{string.Join(", ", told)}]");
    }

    /// <summary>An error is one that says what became of the item: what passes, or is another broker's, is not shown.</summary>
    static void HoldError(SimWorld world, string item, KafkaException? error, params ErrorCode[] refusals)
    {
        if (error is not null and not KafkaTimeoutException && !refusals.Contains(error.Code))
            world.Violations.Add(Rule, $"{item} ended with {error.GetType().Name}: {error.Message}");
    }

    /// <summary>An offset that is there is one that was sent.</summary>
    void HoldOffset(SimWorld world, string group, TopicPartition partition, long offset)
    {
        var tries = _set.GetValueOrDefault((group, partition)) ?? [];
        var known = tries.Find(one => one.Offset == offset);
        if (known.Offset != offset)
            world.Violations.Add(Rule, $"{group} is at {offset} in {partition}, which nobody set");
        else if (known.Error is KafkaTimeoutException { WasSent: false })
            world.Violations.Add(Rule, $"{group} is at {offset} in {partition}, which was told as never sent");
    }
}
