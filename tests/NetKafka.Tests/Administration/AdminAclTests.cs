using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Testing;

namespace NetKafka.Tests.Administration;

/// <summary>ACLs, against an embedded Kafka that stores them.</summary>
public sealed class AdminAclTests() : AdminScene(new EmbeddedKafkaOptions { Brokers = 3, StoresAcls = true })
{
    static readonly AclBinding Payments = new(AclResourceType.Topic, "payments", "User:alice", AclOperation.Read);
    static readonly AclBinding Prefix = new(AclResourceType.Topic, "pay", "User:alice", AclOperation.Write) { PatternType = PatternType.Prefixed, Host = "10.0.0.1" };
    static readonly AclBinding Everything = new(AclResourceType.Topic, AclBinding.Wildcard, "User:bob", AclOperation.All) { Permission = AclPermission.Deny };
    static readonly AclBinding Cluster = new(AclResourceType.Cluster, AclBinding.ClusterName, "User:alice", AclOperation.Describe);
    static readonly AclBinding Tokens = new(AclResourceType.User, "User:bob", "User:alice", AclOperation.CreateTokens);
    static readonly AclBinding[] All = [Payments, Prefix, Everything, Cluster, Tokens];

    [Fact]
    public async Task Acls_are_found_by_each_of_their_parts()
    {
        await CreateAllAsync();

        await AssertFinds(null, All);
        await AssertFinds(new AclFilter { ResourceType = AclResourceType.Cluster }, Cluster);
        await AssertFinds(new AclFilter { Principal = "User:bob" }, Everything);
        await AssertFinds(new AclFilter { Host = "10.0.0.1" }, Prefix);
        await AssertFinds(new AclFilter { Operation = AclOperation.Read }, Payments);
        await AssertFinds(new AclFilter { Permission = AclPermission.Deny }, Everything);
        await AssertFinds(new AclFilter { ResourceType = AclResourceType.Topic, PatternType = PatternType.Literal }, Payments, Everything);
        foreach (var acl in All)
            await AssertFinds(acl.ToFilter(), acl);
    }

    [Fact]
    public async Task Pattern_of_a_filter_says_which_names_are_meant()
    {
        await CreateAllAsync();

        AclFilter Named(PatternType type) => new() { ResourceType = AclResourceType.Topic, ResourceName = "payments", PatternType = type };
        await AssertFinds(Named(PatternType.Literal), Payments);
        await AssertFinds(Named(PatternType.Any), Payments);
        await AssertFinds(Named(PatternType.Prefixed));
        await AssertFinds(Named(PatternType.Match), Payments, Prefix, Everything);
        await AssertFinds(Named(PatternType.Match) with { ResourceName = "orders" }, Everything);
    }

    [Fact]
    public async Task Acl_that_is_there_already_is_created_with_success_and_stands_once()
    {
        await CreateAllAsync();
        await CreateAllAsync();

        await AssertFinds(null, All);
    }

    [Fact]
    public async Task What_can_be_no_acl_is_refused_alone_and_not_sent()
    {
        AclBinding[] wrong =
        [
            Payments with { ResourceType = AclResourceType.Any }, Payments with { PatternType = PatternType.Match }, Payments with { Operation = AclOperation.Any },
            Payments with { Permission = AclPermission.Unknown }, Payments with { ResourceName = "" }, Cluster with { ResourceName = "mine" },
            Payments with { Principal = "alice" }, Payments with { Host = "" },
        ];

        var created = await Admin.CreateAclsAsync([.. wrong, Payments], Cancellation);

        Assert.All(created.SkipLast(1), static outcome => Assert.Equal(ErrorCode.InvalidRequest, outcome.Error?.Code));
        Assert.Equal(wrong, created.SkipLast(1).Select(static outcome => outcome.Item));
        Assert.Contains("User:alice", created[6].Error!.Message, StringComparison.Ordinal);
        Assert.True(created[^1].Succeeded);
        await AssertFinds(null, Payments);
        // All wrong: nothing is asked, so that nobody need answer.
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.All(await admin.CreateAclsAsync(wrong, Cancellation), static outcome => Assert.False(outcome.Succeeded));
        Assert.Empty(await admin.CreateAclsAsync([], Cancellation));
        Assert.Empty(await admin.DeleteAclsAsync([], Cancellation));
        var unknown = new AclFilter { Operation = AclOperation.Unknown };
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(await admin.DeleteAclsAsync([unknown], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.InvalidRequest, (await Assert.ThrowsAsync<KafkaException>(async () => await admin.DescribeAclsAsync(unknown, Cancellation))).Code);
    }

    [Fact]
    public async Task Each_filter_tells_what_it_deleted()
    {
        await CreateAllAsync();

        var deleted = await Admin.DeleteAclsAsync(
            [Payments.ToFilter(), new AclFilter { Principal = "User:alice", ResourceType = AclResourceType.Topic }, new AclFilter { Principal = "User:nobody" }], Cancellation);

        Assert.Equal([Payments], Matches(deleted[0]));
        Assert.Equal([Payments, Prefix], Matches(deleted[1]));
        Assert.Empty(Matches(deleted[2]));
        await AssertFinds(null, Everything, Cluster, Tokens);

        static IEnumerable<AclBinding> Matches(ItemResult<AclFilter, IReadOnlyList<ItemOutcome<AclBinding>>> result)
        {
            Assert.All(result.GetOrThrow(), static match => match.EnsureSuccess());
            return result.GetOrThrow().Select(static match => match.Item);
        }
    }

    [Fact]
    public async Task Cluster_without_an_authorizer_says_that_security_is_disabled()
    {
        await using var embedded = EmbeddedKafka.Start();
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = embedded.BootstrapServers, ConnectCallback = embedded.ConnectAsync });
        using var admin = kafka.CreateAdmin();

        Assert.Equal(ErrorCode.SecurityDisabled, Assert.Single(await admin.CreateAclsAsync([Payments], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.SecurityDisabled, Assert.Single(await admin.DeleteAclsAsync([AclFilter.All], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.SecurityDisabled, (await Assert.ThrowsAsync<KafkaException>(async () => await admin.DescribeAclsAsync(cancellation: Cancellation))).Code);
    }

    [Fact]
    public void Acl_and_filter_read_as_sentences()
    {
        Assert.Equal("Deny User:bob from * to All Topic '*' (Literal)", Everything.ToString());
        Assert.Equal("all ACLs", AclFilter.All.ToString());
        Assert.Equal("ACLs of Topic, name '*' (Literal), User:bob, host *, operation All, permission Deny", Everything.ToFilter().ToString());
        Assert.Equal("ACLs of Prefixed names", new AclFilter { PatternType = PatternType.Prefixed }.ToString());
    }

    async Task CreateAllAsync()
    {
        foreach (var outcome in await Admin.CreateAclsAsync(All, Cancellation))
            outcome.EnsureSuccess();
    }

    async Task AssertFinds(AclFilter? filter, params AclBinding[] expected) =>
        Assert.Equivalent(expected, await Admin.DescribeAclsAsync(filter, Cancellation), strict: true);
}
