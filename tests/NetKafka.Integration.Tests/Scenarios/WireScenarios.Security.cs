using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using AlterQuotas = NetKafka.Protocol.Messages.AlterClientQuotasRequest;
using AlterScram = NetKafka.Protocol.Messages.AlterUserScramCredentialsRequest;
using Quotas = NetKafka.Protocol.Messages.DescribeClientQuotasRequest;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Quotas, users with passwords, ACLs and delegation tokens of a cluster that has no authorizer and knows nobody by name.</content>
public abstract partial class WireScenarios
{
    const sbyte Sha256 = 1;
    const sbyte Sha512 = 2;

    [Fact, Trait("Area", "Wire")]
    public async Task Quotas_that_cannot_be_are_refused_one_by_one()
    {
        await using var bench = await Begin();
        var (name, good) = (TestSettings.NewName("user"), Rate("producer_byte_rate", 1));
        AlterQuotas.EntryData[] entries =
        [
            new() { Entity = [], Ops = [good] },
            new() { Entity = [Part("planet", name)], Ops = [good] },
            new() { Entity = [Part("user", "")], Ops = [good] },
            new() { Entity = [Part("user", name), Part("ip", "127.0.0.1")], Ops = [good] },
            new() { Entity = [Part("ip", "127.0.0.1")], Ops = [good] },
            new() { Entity = [Part("user", name + "1")], Ops = [Rate("connection_creation_rate", 1)] },
            new() { Entity = [Part("user", name + "2")], Ops = [Rate("consumer_byte_rate", 1.5)] },
            new() { Entity = [Part("user", name + "3")], Ops = [Rate("consumer_byte_rate", 0)] },
            new() { Entity = [Part("user", name + "4")], Ops = [good, good] },
            new() { Entity = [Part("user", name + "5")], Ops = [good, Rate("no_such_rate", 1)] },
            new() { Entity = [Part("user", name + "6")], Ops = [new() { Key = "no_such_rate", Remove = true }] },
            new() { Entity = [Part("user", name), Part("client-id", null)], Ops = [good, Rate("request_percentage", 0.5), Rate("controller_mutation_rate", 2.5)] },
        ];

        var answer = await bench.Wire.AskAny<AlterQuotas, AlterClientQuotasResponse>(new() { Entries = entries }, 1);

        var refused = answer.Entries.Where(static entry => entry.ErrorCode != ErrorCode.None).Select(static entry => (entry.ErrorCode, Text(entry.Entity))).ToHashSet();
        Assert.Equal(entries.Take(10).Select(static entry => (ErrorCode.InvalidRequest, Text(entry.Entity))).ToHashSet(), refused);
        Assert.Equal(2, answer.Entries.Count(static entry => entry.ErrorCode == ErrorCode.None));
        await Wait.Until(
            async () => (await Describe(bench, new() { Components = [Component("user", 0, name), Component("client-id", 1)], Strict = true })).Entries is [{ Values.Length: 3 }],
            "the quotas are known", TestContext.Current.CancellationToken);
        var found = await Describe(bench, new() { Components = [Component("user", 2)] });
        Assert.DoesNotContain(found.Entries!, entry => entry.Entity.Any(part => part.EntityName is { } other && other != name && other.StartsWith(name, StringComparison.Ordinal)));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Components_that_cannot_be_are_refused()
    {
        await using var bench = await Begin();

        Assert.Equal(ErrorCode.None, await ErrorOf(Component("user", 1), Component("client-id", 2)));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("", 2)));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("user", 0, "a"), Component("user", 2)));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("user", 2), Component("ip", 2)));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("user", 0)));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("user", 1, "a")));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("user", 2, "a")));
        Assert.Equal(ErrorCode.InvalidRequest, await ErrorOf(Component("user", 3)));
        Assert.Equal(ErrorCode.UnsupportedVersion, await ErrorOf(Component("planet", 2)));

        async Task<ErrorCode> ErrorOf(params Quotas.ComponentData[] components) => (await Describe(bench, new() { Components = components })).ErrorCode;
    }

    [Fact, Trait("Area", "Wire")]
    public async Task User_has_one_change_of_his_credentials_in_a_request()
    {
        await using var bench = await Begin();
        var (user, twice) = (TestSettings.NewName("user"), TestSettings.NewName("user"));

        var answer = await Alter(
            [new() { Name = user + "-none", Mechanism = Sha256 }, new() { Name = user + "-odd", Mechanism = 9 }],
            [
                Password(user, Sha256, 4096), Password(twice, Sha256, 4096), Password(twice, Sha512, 4096), Password("", Sha256, 4096),
                Password(user + "-few", Sha512, 4095), Password(user + "-many", Sha512, 16_385),
            ]);

        Assert.Equal(
            new HashSet<(string, ErrorCode)>
            {
                (user, ErrorCode.None), (twice, ErrorCode.DuplicateResource), ("", ErrorCode.UnacceptableCredential), (user + "-few", ErrorCode.UnacceptableCredential),
                (user + "-many", ErrorCode.UnacceptableCredential), (user + "-none", ErrorCode.ResourceNotFound), (user + "-odd", ErrorCode.UnsupportedSaslMechanism),
            },
            answer);
        await Wait.Until(async () => (await Described(user)).Single() is { ErrorCode: ErrorCode.None }, "the credential is known", TestContext.Current.CancellationToken);
        Assert.Equal((Sha256, 4096), (await Described(user)).Single().CredentialInfos.Select(static info => (info.Mechanism, info.Iterations)).Single());
        Assert.Equal(ErrorCode.ResourceNotFound, (await Described(twice)).Single().ErrorCode);
        Assert.Equal(ErrorCode.DuplicateResource, (await Described(user, user)).Single().ErrorCode);
        Assert.Equal([(user, ErrorCode.ResourceNotFound)], await Alter([new() { Name = user, Mechanism = Sha512 }], []));
        Assert.Equal([(user, ErrorCode.None)], await Alter([new() { Name = user, Mechanism = Sha256 }], []));

        async Task<HashSet<(string, ErrorCode)>> Alter(AlterScram.ScramCredentialDeletion[] deletions, AlterScram.ScramCredentialUpsertion[] upsertions) =>
            [.. (await bench.Wire.AskAny<AlterScram, AlterUserScramCredentialsResponse>(new() { Deletions = deletions, Upsertions = upsertions }, 0)).Results
                .Select(static row => (row.User, row.ErrorCode))];

        async Task<DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult[]> Described(params string[] users) =>
            (await bench.Wire.AskAny<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(
                new() { Users = [.. users.Select(static name => new DescribeUserScramCredentialsRequest.UserName { Name = name })] }, 0)).Results;
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Who_has_no_name_is_told_nothing_of_tokens()
    {
        await using var bench = await Begin();

        var created = await bench.Wire.AskAny<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(new() { MaxLifetimeMs = -1 }, 3);
        var renewed = await bench.Wire.AskAny<RenewDelegationTokenRequest, RenewDelegationTokenResponse>(new() { Hmac = [1], RenewPeriodMs = -1 }, 2);
        var expired = await bench.Wire.AskAny<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>(new() { Hmac = [1], ExpiryTimePeriodMs = -1 }, 2);
        var described = await bench.Wire.AskAny<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>(new() { Owners = null }, 3);

        Assert.All(
            [created.ErrorCode, renewed.ErrorCode, expired.ErrorCode, described.ErrorCode], static error => Assert.Equal(ErrorCode.DelegationTokenRequestNotAllowed, error));
        Assert.Equal(
            ("User", "ANONYMOUS", "User", "ANONYMOUS"),
            (created.PrincipalType, created.PrincipalName, created.TokenRequesterPrincipalType, created.TokenRequesterPrincipalName));
        Assert.Equal((-1, -1, -1), (created.IssueTimestampMs, created.ExpiryTimestampMs, created.MaxTimestampMs));
        Assert.Equal((-1, -1), (renewed.ExpiryTimestampMs, expired.ExpiryTimestampMs));
        Assert.Empty(described.Tokens);
    }

    static Task<DescribeClientQuotasResponse> Describe(Bench bench, Quotas request) => bench.Wire.AskAny<Quotas, DescribeClientQuotasResponse>(request, 1);

    /// <param name="type">Which part.</param>
    /// <param name="way">0 for this name, 1 for the default, 2 for any.</param>
    /// <param name="name">The name.</param>
    static Quotas.ComponentData Component(string type, sbyte way, string? name = null) => new() { EntityType = type, MatchType = way, Match = name };

    static AlterQuotas.EntityData Part(string type, string? name) => new() { EntityType = type, EntityName = name };

    static AlterQuotas.OpData Rate(string name, double value) => new() { Key = name, Value = value };

    static AlterScram.ScramCredentialUpsertion Password(string user, sbyte mechanism, int iterations) =>
        new() { Name = user, Mechanism = mechanism, Iterations = iterations, Salt = [1, 2, 3], SaltedPassword = new byte[mechanism == Sha256 ? 32 : 64] };

    static string Text(IEnumerable<AlterQuotas.EntityData> entity) =>
        string.Join(' ', entity.Select(static part => $"{part.EntityType}={part.EntityName}").Order(StringComparer.Ordinal));

    static string Text(IEnumerable<AlterClientQuotasResponse.EntityData> entity) =>
        string.Join(' ', entity.Select(static part => $"{part.EntityType}={part.EntityName}").Order(StringComparer.Ordinal));
}
