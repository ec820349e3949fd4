using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Testing;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Administration;

/// <summary>Delegation tokens, against an embedded Kafka whose clock stands still until it is told.</summary>
public sealed class AdminTokenTests : IAsyncDisposable
{
    static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);
    static readonly TimeSpan ExpiryTime = TimeSpan.FromDays(1);
    static readonly KafkaPrincipal Alice = KafkaPrincipal.User("alice");
    static readonly KafkaPrincipal Bob = KafkaPrincipal.User("bob");

    readonly ManualTime _time = new();
    readonly EmbeddedKafka _embedded;
    readonly List<KafkaClient> _clients = [];

    public AdminTokenTests() =>
        _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, IssuesDelegationTokens = true, TimeProvider = _time });

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    DateTimeOffset Now => _time.GetUtcNow();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Token_is_described_as_it_was_created()
    {
        var admin = AdminOf("alice");
        var token = await admin.CreateDelegationTokenAsync([Bob], TimeSpan.FromDays(3), cancellation: Cancellation);

        Assert.Equal((Alice, Alice), (token.Owner, token.Requester));
        Assert.Equal([Bob], token.Renewers);
        Assert.Equal((Now, Now + ExpiryTime, Now + TimeSpan.FromDays(3)), (token.IssueTime, token.ExpiryTime, token.MaxTime));
        Assert.Equivalent(token, Assert.Single(await admin.DescribeDelegationTokensAsync(cancellation: Cancellation)));
        Assert.Equal(64, token.Hmac.Length);
        Assert.Equal(token.Hmac.ToArray(), Convert.FromBase64String(token.Password));
        Assert.DoesNotContain(token.Password, token.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{token.TokenId} of User:alice", token.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_found_by_whom_they_concern()
    {
        var admin = AdminOf("alice");
        var own = await admin.CreateDelegationTokenAsync(cancellation: Cancellation);
        var carols = await admin.CreateDelegationTokenAsync([Bob], owner: KafkaPrincipal.User("carol"), cancellation: Cancellation);
        Assert.Equal((KafkaPrincipal.User("carol"), Alice), (carols.Owner, carols.Requester));

        await AssertFinds([Bob], carols);
        await AssertFinds([Alice], own, carols);
        await AssertFinds([KafkaPrincipal.User("carol"), KafkaPrincipal.User("dave")], carols);
        await AssertFinds([KafkaPrincipal.User("dave")]);
        await AssertFinds(null, own, carols);

        async Task AssertFinds(KafkaPrincipal[]? owners, params DelegationToken[] expected) => Assert.Equal(
            expected.Select(static token => token.TokenId).Order(StringComparer.Ordinal),
            (await admin.DescribeDelegationTokensAsync(owners, Cancellation)).Select(static token => token.TokenId));
    }

    [Fact]
    public async Task Lifetime_and_periods_end_at_what_the_brokers_allow()
    {
        var admin = AdminOf("alice");
        var token = await admin.CreateDelegationTokenAsync(maxLifetime: TimeSpan.FromDays(100), cancellation: Cancellation);
        Assert.Equal(Now + MaxLifetime, token.MaxTime);

        _time.Pass(TimeSpan.FromHours(20));
        Assert.Equal(Now + TimeSpan.FromHours(2), await admin.RenewDelegationTokenAsync(token.Hmac, TimeSpan.FromHours(2), Cancellation));
        Assert.Equal(Now + ExpiryTime, await admin.RenewDelegationTokenAsync(token.Hmac, TimeSpan.FromDays(2), Cancellation));
        Assert.Equal(Now + ExpiryTime, await admin.RenewDelegationTokenAsync(token.Hmac, cancellation: Cancellation));
        Assert.Equal(Now + TimeSpan.FromDays(2), await admin.ExpireDelegationTokenAsync(token.Hmac, TimeSpan.FromDays(2), Cancellation));
        Assert.Equal(token.MaxTime, await admin.ExpireDelegationTokenAsync(token.Hmac, TimeSpan.FromDays(100), Cancellation));
        Assert.Equal(token.MaxTime, Assert.Single(await admin.DescribeDelegationTokensAsync(cancellation: Cancellation)).ExpiryTime);
    }

    [Fact]
    public async Task Token_that_has_expired_is_not_renewed_and_is_gone_after_a_while()
    {
        var admin = AdminOf("alice");
        var token = await admin.CreateDelegationTokenAsync(cancellation: Cancellation);

        _time.Pass(ExpiryTime + TimeSpan.FromMilliseconds(1));
        Assert.Equal(ErrorCode.DelegationTokenExpired, await ErrorOf(async () => await admin.RenewDelegationTokenAsync(token.Hmac, cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenExpired, await ErrorOf(async () => await admin.ExpireDelegationTokenAsync(token.Hmac, TimeSpan.FromDays(1), Cancellation)));
        _time.Pass(TimeSpan.FromHours(1));
        Assert.Equal(ErrorCode.DelegationTokenNotFound, await ErrorOf(async () => await admin.RenewDelegationTokenAsync(token.Hmac, cancellation: Cancellation)));
        Assert.Empty(await admin.DescribeDelegationTokensAsync(cancellation: Cancellation));
    }

    [Fact]
    public async Task Token_is_expired_at_once()
    {
        var admin = AdminOf("alice");
        var token = await admin.CreateDelegationTokenAsync(cancellation: Cancellation);

        Assert.Equal(Now, await admin.ExpireDelegationTokenAsync(token.Hmac, cancellation: Cancellation));

        Assert.Empty(await admin.DescribeDelegationTokensAsync(cancellation: Cancellation));
        Assert.Equal(ErrorCode.DelegationTokenNotFound, await ErrorOf(async () => await admin.ExpireDelegationTokenAsync(token.Hmac, cancellation: Cancellation)));
    }

    [Fact]
    public async Task Only_owner_and_renewers_renew_and_expire()
    {
        var token = await AdminOf("alice").CreateDelegationTokenAsync([Bob], cancellation: Cancellation);

        await AdminOf("bob").RenewDelegationTokenAsync(token.Hmac, cancellation: Cancellation);
        var mallory = AdminOf("mallory");
        Assert.Equal(ErrorCode.DelegationTokenOwnerMismatch, await ErrorOf(async () => await mallory.RenewDelegationTokenAsync(token.Hmac, cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenOwnerMismatch, await ErrorOf(async () => await mallory.ExpireDelegationTokenAsync(token.Hmac, cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenNotFound, await ErrorOf(async () => await mallory.RenewDelegationTokenAsync(new byte[] { 1 }, cancellation: Cancellation)));
    }

    [Fact]
    public async Task Who_has_no_name_is_given_no_token()
    {
        var admin = AdminOf(null);
        Assert.Equal(ErrorCode.DelegationTokenRequestNotAllowed, await ErrorOf(async () => await admin.CreateDelegationTokenAsync(cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenRequestNotAllowed, await ErrorOf(async () => await admin.RenewDelegationTokenAsync(new byte[] { 1 }, cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenRequestNotAllowed, await ErrorOf(async () => await admin.ExpireDelegationTokenAsync(new byte[] { 1 }, cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenRequestNotAllowed, await ErrorOf(async () => await admin.DescribeDelegationTokensAsync(cancellation: Cancellation)));
    }

    [Fact]
    public async Task Cluster_without_a_secret_key_gives_no_token()
    {
        await using var embedded = EmbeddedKafka.Start();
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = embedded.BootstrapServers, ConnectCallback = embedded.ConnectAs("alice") });
        using var admin = kafka.CreateAdmin();
        Assert.Equal(ErrorCode.DelegationTokenAuthDisabled, await ErrorOf(async () => await admin.CreateDelegationTokenAsync(cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenAuthDisabled, await ErrorOf(async () => await admin.DescribeDelegationTokensAsync(cancellation: Cancellation)));
    }

    [Fact]
    public async Task Renewers_are_users()
    {
        var error = await ErrorOf(async () => await AdminOf("alice").CreateDelegationTokenAsync([new("Group", "staff")], cancellation: Cancellation));

        Assert.Equal(ErrorCode.InvalidPrincipalType, error);
    }

    [Fact]
    public async Task Mistakes_and_nothing_to_describe_need_no_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.DescribeDelegationTokensAsync([], Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await admin.CreateDelegationTokenAsync(maxLifetime: TimeSpan.Zero, cancellation: Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await admin.RenewDelegationTokenAsync(new byte[] { 1 }, TimeSpan.Zero, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await admin.ExpireDelegationTokenAsync(new byte[] { 1 }, TimeSpan.Zero, Cancellation));
    }

    static async Task<ErrorCode> ErrorOf(Func<Task> call) => (await Assert.ThrowsAnyAsync<KafkaException>(call)).Code;

    Admin AdminOf(string? user)
    {
        var client = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = _embedded.BootstrapServers, ConnectCallback = user is null ? _embedded.ConnectAsync : _embedded.ConnectAs(user),
        });
        _clients.Add(client);
        return client.CreateAdmin();
    }
}
