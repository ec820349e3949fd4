using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Features, controllers and registrations, against the embedded Kafka.</summary>
public sealed class AdminQuorumTests : AdminScene
{
    [Fact]
    public async Task Features_are_told_with_what_is_in_force_and_what_a_node_can_do()
    {
        var features = await Admin.DescribeFeaturesAsync(2, Cancellation);
        Assert.Equal(1, features.FinalizedEpoch);
        Assert.Equal(new FeatureLevels(2, 2), features.Finalized["transaction.version"]);
        Assert.Equal(new FeatureLevels(0, 2), features.Supported["transaction.version"]);
        Assert.DoesNotContain("kraft.version", features.Finalized);
        Assert.Contains("kraft.version", features.Supported);
    }

    [Fact]
    public async Task Level_goes_down_and_up_as_it_is_allowed_to()
    {
        Assert.Equal([ErrorCode.InvalidUpdateVersion], Codes(await Update(("group.version", new(0)))));
        Assert.Equal([ErrorCode.None], Codes(await Update(("group.version", new(0, FeatureUpgradeType.SafeDowngrade)))));
        Assert.DoesNotContain("group.version", (await Admin.DescribeFeaturesAsync(cancellation: Cancellation)).Finalized);
        Assert.Equal([ErrorCode.None], Codes(await Update(("group.version", new(1)))));
        var features = await Admin.DescribeFeaturesAsync(cancellation: Cancellation);
        Assert.Equal((3L, (short)1), (features.FinalizedEpoch, features.Finalized["group.version"].Max));
    }

    [Fact]
    public async Task One_feature_that_cannot_be_updated_fails_all_and_is_named()
    {
        var outcomes = await Update(("share.version", new(0, FeatureUpgradeType.UnsafeDowngrade)), ("no.such", new(1)));
        Assert.Equal([ErrorCode.InvalidUpdateVersion, ErrorCode.InvalidUpdateVersion], Codes(outcomes));
        Assert.All(outcomes, static outcome => Assert.Contains("no.such", outcome.Error!.Message, StringComparison.Ordinal));
        Assert.Contains("share.version", (await Admin.DescribeFeaturesAsync(cancellation: Cancellation)).Finalized);
    }

    [Fact]
    public async Task Update_that_is_only_validated_is_not_made()
    {
        var updates = new Dictionary<string, FeatureUpdate> { ["share.version"] = new(0, FeatureUpgradeType.SafeDowngrade) };
        Assert.True(Assert.Single(await Admin.UpdateFeaturesAsync(updates, validateOnly: true, Cancellation)).Succeeded);
        Assert.Contains("share.version", (await Admin.DescribeFeaturesAsync(cancellation: Cancellation)).Finalized);
    }

    [Fact]
    public async Task Quorum_is_told_with_who_leads_it_and_how_far_each_is()
    {
        Embedded.StopBroker(3);
        var quorum = await Admin.DescribeMetadataQuorumAsync(Cancellation);
        Assert.Equal((1, 1), (quorum.LeaderId, quorum.LeaderEpoch));
        Assert.Equal([1, 2, 3], quorum.Voters.Select(static voter => voter.NodeId));
        Assert.Empty(quorum.Observers);
        Assert.Equal((quorum.HighWatermark, true), (quorum.Voters[1].LogEndOffset, quorum.Voters[1].LastCaughtUpTime is not null));
        Assert.Equal((-1, false, false), (quorum.Voters[2].LogEndOffset, quorum.Voters[2].LastFetchTime is not null, quorum.Voters[2].LastCaughtUpTime is not null));
        Assert.All(quorum.Voters, static voter => Assert.Null(voter.DirectoryId));
        Assert.Equal("CONTROLLER", Assert.Single(quorum.Endpoints[2]).Listener);
    }

    [Fact]
    public async Task Voters_of_the_configuration_files_are_not_changed()
    {
        Assert.Equal(ErrorCode.UnsupportedVersion, (await Assert.ThrowsAsync<KafkaException>(async () => await Admin.RemoveRaftVoterAsync(3, Guid.NewGuid(), cancellation: Cancellation))).Code);
        Assert.Equal(ErrorCode.UnsupportedVersion, (await Assert.ThrowsAsync<KafkaException>(async () => await Add(3, Guid.NewGuid()))).Code);
    }

    [Fact]
    public async Task Vote_is_taken_and_given_back()
    {
        Assert.Equal([ErrorCode.None], Codes(await Update(("kraft.version", new(1)))));
        var directory = (await Admin.DescribeMetadataQuorumAsync(Cancellation)).Voters[2].DirectoryId!.Value;
        await Admin.RemoveRaftVoterAsync(3, directory, cancellation: Cancellation);
        var quorum = await Admin.DescribeMetadataQuorumAsync(Cancellation);
        Assert.Equal([1, 2], quorum.Voters.Select(static voter => voter.NodeId));
        Assert.Equal(3, Assert.Single(quorum.Observers).NodeId);
        Assert.Equal(ErrorCode.VoterNotFound, (await Assert.ThrowsAsync<KafkaException>(async () => await Admin.RemoveRaftVoterAsync(3, directory, cancellation: Cancellation))).Code);
        Assert.Equal(ErrorCode.InconsistentClusterId, (await Assert.ThrowsAsync<KafkaException>(async () => await Add(3, directory, "another"))).Code);
        await Add(3, directory);
        Assert.Empty((await Admin.DescribeMetadataQuorumAsync(Cancellation)).Observers);
        Assert.Equal(ErrorCode.DuplicateVoter, (await Assert.ThrowsAsync<KafkaException>(async () => await Add(3, directory))).Code);
    }

    [Fact]
    public async Task Port_that_is_none_is_refused_before_anything_is_sent() => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
        async () => await Admin.AddRaftVoterAsync(3, Guid.NewGuid(), [new RaftEndpoint("CONTROLLER", "localhost", 70_000)], cancellation: Cancellation));

    [Fact]
    public async Task Broker_that_is_gone_for_good_is_unregistered()
    {
        Embedded.StopBroker(3);
        Assert.Equal([1, 2, 3], (await Admin.DescribeClusterAsync(includeFencedBrokers: true, cancellation: Cancellation)).Brokers.Select(static broker => broker.Id));
        var outcomes = await Admin.UnregisterBrokersAsync([3, 9], Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.BrokerIdNotRegistered], outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Equal([1, 2], (await Admin.DescribeClusterAsync(includeFencedBrokers: true, cancellation: Cancellation)).Brokers.Select(static broker => broker.Id));
    }

    [Fact]
    public async Task Controller_that_is_gone_for_good_is_unregistered_once()
    {
        Embedded.StopBroker(3);
        Assert.Equal([ErrorCode.None, ErrorCode.BrokerIdNotRegistered], await Unregister(3, 9));
        Assert.Equal([ErrorCode.BrokerIdNotRegistered], await Unregister(3));
        Embedded.StartBroker(3);
        Assert.Equal([ErrorCode.None], await Unregister(3));
    }

    [Fact]
    public async Task Nothing_to_update_or_unregister_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.UpdateFeaturesAsync(new Dictionary<string, FeatureUpdate>(), cancellation: Cancellation));
        Assert.Empty(await admin.UnregisterBrokersAsync([], Cancellation));
        Assert.Empty(await admin.UnregisterControllersAsync([], Cancellation));
    }

    static IEnumerable<ErrorCode> Codes(IReadOnlyList<ItemOutcome<string>> outcomes) => outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None);

    ValueTask<IReadOnlyList<ItemOutcome<string>>> Update(params (string Name, FeatureUpdate Update)[] updates) =>
        Admin.UpdateFeaturesAsync(updates.ToDictionary(static update => update.Name, static update => update.Update), cancellation: Cancellation);

    async Task<IEnumerable<ErrorCode>> Unregister(params int[] nodes) =>
        (await Admin.UnregisterControllersAsync(nodes, Cancellation)).Select(static outcome => outcome.Error?.Code ?? ErrorCode.None);

    ValueTask Add(int node, Guid directory, string? clusterId = null) =>
        Admin.AddRaftVoterAsync(node, directory, [new RaftEndpoint("CONTROLLER", "localhost", 9093)], clusterId, Cancellation);
}
