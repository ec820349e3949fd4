using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Quotas of clients, against the embedded Kafka.</summary>
public sealed class AdminQuotaTests : AdminScene
{
    static readonly ClientQuotaEntity Alice = ClientQuotaEntity.User("alice");
    static readonly ClientQuotaEntity AnyUser = ClientQuotaEntity.User(null);
    static readonly ClientQuotaEntity AliceApp = ClientQuotaEntity.UserAndClientId("alice", "app");
    static readonly ClientQuotaEntity App = ClientQuotaEntity.ClientId("app");
    static readonly ClientQuotaEntity Address = ClientQuotaEntity.Ip("10.0.0.1");

    [Fact]
    public async Task Quotas_are_found_by_the_parts_of_their_entities()
    {
        await SetAllAsync();

        await AssertFinds([], false, Alice, AnyUser, AliceApp, App, Address);
        await AssertFinds([ClientQuotaFilterComponent.Exact(ClientQuotaEntity.UserType, "alice")], false, Alice, AliceApp);
        await AssertFinds([ClientQuotaFilterComponent.Exact(ClientQuotaEntity.UserType, "alice")], true, Alice);
        await AssertFinds([ClientQuotaFilterComponent.Default(ClientQuotaEntity.UserType)], false, AnyUser);
        await AssertFinds([ClientQuotaFilterComponent.Any(ClientQuotaEntity.UserType)], true, Alice, AnyUser);
        await AssertFinds([ClientQuotaFilterComponent.Any(ClientQuotaEntity.UserType), ClientQuotaFilterComponent.Exact(ClientQuotaEntity.ClientIdType, "app")], true, AliceApp);
        await AssertFinds([ClientQuotaFilterComponent.Any(ClientQuotaEntity.IpType)], false, Address);
    }

    [Fact]
    public async Task Quota_is_set_changed_and_removed_and_others_stay()
    {
        await Alter(Alice, new() { [ClientQuotaNames.ProducerByteRate] = 1000, [ClientQuotaNames.RequestPercentage] = 12.5 });
        await Alter(Alice, new() { [ClientQuotaNames.ProducerByteRate] = 2000 });
        Assert.Equal(
            new Dictionary<string, double> { ["producer_byte_rate"] = 2000, ["request_percentage"] = 12.5 }, (await Admin.DescribeClientQuotasAsync(cancellation: Cancellation))[Alice]);

        await Alter(Alice, new() { [ClientQuotaNames.ProducerByteRate] = null, [ClientQuotaNames.RequestPercentage] = null });
        Assert.Empty(await Admin.DescribeClientQuotasAsync(cancellation: Cancellation));
    }

    [Fact]
    public async Task Quota_that_is_only_validated_is_not_set()
    {
        var alterations = new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>>
        {
            [Alice] = new Dictionary<string, double?> { [ClientQuotaNames.ConsumerByteRate] = 1 }, [App] = new Dictionary<string, double?> { ["no_such_rate"] = 1 },
        };

        var outcomes = await Admin.AlterClientQuotasAsync(alterations, validateOnly: true, Cancellation);

        Assert.Equal([ErrorCode.None, ErrorCode.InvalidRequest], outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Empty(await Admin.DescribeClientQuotasAsync(cancellation: Cancellation));
    }

    [Fact]
    public async Task Each_entity_has_its_own_error()
    {
        var rate = new Dictionary<string, double?> { [ClientQuotaNames.ProducerByteRate] = 1 };
        var outcomes = await Admin.AlterClientQuotasAsync(
            new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>>
            {
                [new ClientQuotaEntity([])] = rate,
                [ClientQuotaEntity.User("")] = rate,
                [Alice] = new Dictionary<string, double?> { [ClientQuotaNames.ProducerByteRate] = 0 },
                [AliceApp] = new Dictionary<string, double?> { [ClientQuotaNames.ProducerByteRate] = 1.5 },
                [Address] = rate,
                [ClientQuotaEntity.Ip("nowhere at all")] = new Dictionary<string, double?> { [ClientQuotaNames.ConnectionCreationRate] = 1 },
                [new ClientQuotaEntity([new("planet", "mars")])] = rate,
                [App] = rate,
            },
            cancellation: Cancellation);

        Assert.All(outcomes.SkipLast(1), static outcome => Assert.Equal(ErrorCode.InvalidRequest, outcome.Error?.Code));
        Assert.True(outcomes[^1].Succeeded);
        Assert.Contains("above 0", outcomes[2].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("fractional", outcomes[3].Error!.Message, StringComparison.Ordinal);
        Assert.Equal([App], (await Admin.DescribeClientQuotasAsync(cancellation: Cancellation)).Keys);
    }

    [Fact]
    public async Task Components_that_cannot_be_asked_for_are_an_error_of_the_call()
    {
        var user = ClientQuotaFilterComponent.Any(ClientQuotaEntity.UserType);
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(user, user));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(user, ClientQuotaFilterComponent.Any(ClientQuotaEntity.IpType)));
        Assert.Equal(ErrorCode.UnsupportedVersion, await ErrorOf(ClientQuotaFilterComponent.Any("planet")));

        async Task<ErrorCode> ErrorOf(params ClientQuotaFilterComponent[] components) =>
            (await Assert.ThrowsAnyAsync<KafkaException>(async () => await Admin.DescribeClientQuotasAsync(components, cancellation: Cancellation))).Code;
    }

    [Fact]
    public async Task Nothing_to_change_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.AlterClientQuotasAsync(new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>>(), cancellation: Cancellation));
    }

    [Fact]
    public void Entities_of_the_same_parts_are_equal()
    {
        Assert.Equal(AliceApp, new ClientQuotaEntity([new("client-id", "app"), new("user", "alice")]));
        Assert.Equal(AliceApp.GetHashCode(), new ClientQuotaEntity([new("client-id", "app"), new("user", "alice")]).GetHashCode());
        Assert.NotEqual(Alice, AnyUser);
        Assert.NotEqual(ClientQuotaEntity.User(""), AnyUser);
        Assert.Equal("client-id 'app', default user", ClientQuotaEntity.UserAndClientId(null, "app").ToString());
    }

    async Task SetAllAsync()
    {
        foreach (var entity in (ClientQuotaEntity[])[Alice, AnyUser, AliceApp, App])
            await Alter(entity, new() { [ClientQuotaNames.ProducerByteRate] = 1000 });
        await Alter(Address, new() { [ClientQuotaNames.ConnectionCreationRate] = 5 });
    }

    async Task Alter(ClientQuotaEntity entity, Dictionary<string, double?> quotas)
    {
        var alterations = new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>> { [entity] = quotas };
        Assert.Single(await Admin.AlterClientQuotasAsync(alterations, cancellation: Cancellation)).EnsureSuccess();
    }

    async Task AssertFinds(ClientQuotaFilterComponent[] components, bool strict, params ClientQuotaEntity[] expected)
    {
        var found = await Admin.DescribeClientQuotasAsync(components, strict, Cancellation);
        Assert.Equal(
            expected.Select(static entity => entity.ToString()).Order(StringComparer.Ordinal), found.Keys.Select(static entity => entity.ToString()).Order(StringComparer.Ordinal));
        Assert.All(expected, entity => Assert.Single(found[entity]));
    }
}
