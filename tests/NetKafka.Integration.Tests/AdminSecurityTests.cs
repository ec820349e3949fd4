using NetKafka.Administration;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Testing;

namespace NetKafka.Integration.Tests;

/// <summary>ACLs, quotas and users as Java's tools show them, and the errors of what cannot be done.</summary>
[Trait("Area", "Admin")]
public sealed class AdminSecurityTests(KafkaClusters clusters, SecureClusters secure) : IClassFixture<SecureClusters>
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Acls_are_what_Java_shows(string version)
    {
        var cluster = await secure.Of(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var name = cluster.NewName("topic");
        var user = $"User:{cluster.NewName("user")}";
        AclBinding read = new(AclResourceType.Topic, name, user, AclOperation.Read);
        AclBinding gone = new(AclResourceType.Group, name, user, AclOperation.Read);
        AclBinding prefix = new(AclResourceType.TransactionalId, name[..^1], user, AclOperation.Write)
        {
            PatternType = PatternType.Prefixed, Permission = AclPermission.Deny, Host = "10.0.0.1",
        };
        AclBinding whole = new(AclResourceType.Cluster, AclBinding.ClusterName, user, AclOperation.AlterConfigs);

        var created = await admin.CreateAclsAsync([read, read with { ResourceName = "" }, gone, prefix, whole], Cancellation);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidRequest, ErrorCode.None, ErrorCode.None, ErrorCode.None], created.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Single(await admin.CreateAclsAsync([read], Cancellation)).EnsureSuccess();
        var deleted = await admin.DeleteAclsAsync([gone.ToFilter(), new AclFilter { Principal = user + "-none" }], Cancellation);
        Assert.Equal(gone, Assert.Single(deleted[0].GetOrThrow()).Item);
        Assert.Empty(deleted[1].GetOrThrow());

        Assert.Equivalent(new[] { read, prefix, whole }, await admin.DescribeAclsAsync(new AclFilter { Principal = user }, Cancellation), strict: true);
        Assert.Equivalent(new[] { prefix }, await admin.DescribeAclsAsync(
            new AclFilter { ResourceType = AclResourceType.TransactionalId, ResourceName = name, PatternType = PatternType.Match }, Cancellation), strict: true);
        var shown = (await cluster.Tools.Acls(["--list", "--principal", user], Cancellation)).Lines;
        Assert.Contains(shown, line => line.Contains($"resourceType=TOPIC, name={name}, patternType=LITERAL", StringComparison.Ordinal));
        Assert.Contains(shown, line => line.Contains($"principal={user}, host=*, operation=READ, permissionType=ALLOW", StringComparison.Ordinal));
        Assert.Contains(shown, line => line.Contains($"resourceType=TRANSACTIONAL_ID, name={name[..^1]}, patternType=PREFIXED", StringComparison.Ordinal));
        Assert.Contains(shown, line => line.Contains($"principal={user}, host=10.0.0.1, operation=WRITE, permissionType=DENY", StringComparison.Ordinal));
        Assert.Contains(shown, line => line.Contains($"principal={user}, host=*, operation=ALTER_CONFIGS, permissionType=ALLOW", StringComparison.Ordinal));
        Assert.DoesNotContain(shown, static line => line.Contains("resourceType=GROUP", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Cluster_without_an_authorizer_says_that_security_is_disabled(string version)
    {
        var cluster = await clusters.Shared(version);
        Assert.SkipWhen(cluster.IsNamed, "The cluster that NETKAFKA_BOOTSTRAP names may have an authorizer.");
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        AclBinding acl = new(AclResourceType.Topic, "payments", "User:alice", AclOperation.Read);

        Assert.Equal(ErrorCode.SecurityDisabled, Assert.Single(await admin.CreateAclsAsync([acl], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.SecurityDisabled, Assert.Single(await admin.DeleteAclsAsync([acl.ToFilter()], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.SecurityDisabled, (await Wait.Fails<KafkaException>(() => admin.DescribeAclsAsync(cancellation: Cancellation).AsTask())).Code);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Quotas_and_passwords_are_what_Java_shows_and_logs_in_with(string version)
    {
        var cluster = await secure.Of(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var (user, other, password) = (cluster.NewName("user"), cluster.NewName("user"), cluster.NewName("password"));
        await SetQuotasAsync(admin, user, other);

        var altered = await admin.AlterUserScramCredentialsAsync(
            [
                new(SecureClusters.ScramUser, ScramMechanism.ScramSha256, password + "-other", 8192),
                new(SecureClusters.ScramUser, ScramMechanism.ScramSha512, password, 5000),
                new(user, ScramMechanism.ScramSha256, password), new(other, ScramMechanism.ScramSha256, password), new(other, ScramMechanism.ScramSha512, password, 1000),
            ],
            [new(user, ScramMechanism.ScramSha512), new(other, ScramMechanism.ScramSha256)], Cancellation);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.None, ErrorCode.None, ErrorCode.DuplicateResource, ErrorCode.UnacceptableCredential, ErrorCode.ResourceNotFound],
            altered.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        await Wait.Until(
            async () => (await admin.DescribeUserScramCredentialsAsync([user], Cancellation))[0].Succeeded, "the credential is known", Cancellation);
        var described = await admin.DescribeUserScramCredentialsAsync([other, SecureClusters.ScramUser], Cancellation);
        Assert.Equal(ErrorCode.ResourceNotFound, described[0].Error!.Code);
        Assert.Equal([new(ScramMechanism.ScramSha256, 8192), new(ScramMechanism.ScramSha512, 5000)], described[1].GetOrThrow());
        Assert.Contains(await admin.DescribeUserScramCredentialsAsync(cancellation: Cancellation), result => result.Item == user);

        var shown = (await secure.ConfigsByScram(cluster, "SCRAM-SHA-512", password, ["--describe", "--entity-type", "users"], Cancellation)).Lines;
        var quotas = Assert.Single(shown, line => line.Contains($"Quota configs for user-principal '{user}' are ", StringComparison.Ordinal));
        Assert.Contains("producer_byte_rate=1000.0", quotas, StringComparison.Ordinal);
        Assert.Contains("request_percentage=12.5", quotas, StringComparison.Ordinal);
        Assert.DoesNotContain("consumer_byte_rate", quotas, StringComparison.Ordinal);
        Assert.Contains(
            shown, static line => line.Contains("default user-principal", StringComparison.Ordinal) && line.Contains("controller_mutation_rate=3000.0", StringComparison.Ordinal));
        Assert.Contains($"SCRAM credential configs for user-principal '{user}' are SCRAM-SHA-256=iterations=4096", shown);
        Assert.DoesNotContain(shown, line => line.Contains($"'{other}'", StringComparison.Ordinal));
        Assert.Single(await admin.AlterUserScramCredentialsAsync([], [new(user, ScramMechanism.ScramSha256)], Cancellation)).EnsureSuccess();
        await Wait.Until(
            async () => (await admin.DescribeUserScramCredentialsAsync([user], Cancellation))[0].Error?.Code == ErrorCode.ResourceNotFound, "the credential is gone", Cancellation);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Delegation_tokens_are_what_Java_shows(string version)
    {
        var cluster = await secure.Of(version);
        await using var certified = secure.ConnectWithCertificate(cluster);
        await using var admin = certified.CreateAdmin();
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var nameless = kafka.CreateAdmin();
        var (own, bob) = (KafkaPrincipal.User(SecureClusters.CertifiedUser), KafkaPrincipal.User(cluster.NewName("bob")));

        Assert.Equal(ErrorCode.DelegationTokenRequestNotAllowed, await TokenErrorOf(async () => await nameless.CreateDelegationTokenAsync(cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenNotFound, await TokenErrorOf(async () => await admin.RenewDelegationTokenAsync(new byte[] { 1 }, cancellation: Cancellation)));
        Assert.Equal(ErrorCode.InvalidPrincipalType, await TokenErrorOf(async () => await admin.CreateDelegationTokenAsync([new("Group", "staff")], cancellation: Cancellation)));
        Assert.Equal(ErrorCode.DelegationTokenAuthorizationFailed, await TokenErrorOf(async () => await admin.CreateDelegationTokenAsync(owner: bob, cancellation: Cancellation)));
        Assert.Single(await nameless.CreateAclsAsync([new(AclResourceType.User, $"{bob}", $"{own}", AclOperation.CreateTokens)], Cancellation)).EnsureSuccess();

        var token = await admin.CreateDelegationTokenAsync([bob], TimeSpan.FromDays(2), cancellation: Cancellation);
        Assert.Equal((own, own, TimeSpan.FromDays(2)), (token.Owner, token.Requester, token.MaxTime - token.IssueTime));
        DelegationToken? others = null;
        await Wait.Until(
            async () =>
            {
                try
                {
                    others = await admin.CreateDelegationTokenAsync(owner: bob, cancellation: Cancellation);
                    return true;
                }
                catch (KafkaAuthorizationException)
                {
                    return false;
                }
            },
            "the ACL is known", Cancellation);
        Assert.Equal((bob, own), (others!.Owner, others.Requester));
        var gone = await admin.CreateDelegationTokenAsync(cancellation: Cancellation);
        var wanted = new[] { token.TokenId, others.TokenId, gone.TokenId }.Order(StringComparer.Ordinal);
        await Wait.Until(
            async () => (await admin.DescribeDelegationTokensAsync(cancellation: Cancellation)).Select(static known => known.TokenId).SequenceEqual(wanted),
            "the tokens are known", Cancellation);
        Assert.Equal(ErrorCode.DelegationTokenOwnerMismatch, await TokenErrorOf(async () => await admin.RenewDelegationTokenAsync(others.Hmac, cancellation: Cancellation)));
        var expiry = await admin.RenewDelegationTokenAsync(token.Hmac, TimeSpan.FromDays(100), Cancellation);
        Assert.InRange(expiry, token.ExpiryTime, token.MaxTime);
        expiry = await admin.ExpireDelegationTokenAsync(token.Hmac, TimeSpan.FromHours(30), Cancellation);
        await admin.ExpireDelegationTokenAsync(gone.Hmac, cancellation: Cancellation);
        await Wait.Until(
            async () => await admin.DescribeDelegationTokensAsync([own], Cancellation) is { Count: 2 } known && known.Any(known => known.ExpiryTime == expiry),
            "the changes are known", Cancellation);

        var shown = (await secure.DelegationTokens(cluster, ["--describe", "--owner-principal", $"{own}"], Cancellation)).Lines;
        var row = Assert.Single(shown, line => line.StartsWith(token.TokenId, StringComparison.Ordinal));
        Assert.Contains(token.Password, row, StringComparison.Ordinal);
        Assert.Contains($"{own}", row, StringComparison.Ordinal);
        Assert.Contains($"{bob}", row, StringComparison.Ordinal);
        Assert.Contains($"{expiry.LocalDateTime:yyyy-MM-dd'T'HH:mm}", row, StringComparison.Ordinal);
        Assert.Contains(shown, line => line.StartsWith(others.TokenId, StringComparison.Ordinal));
        Assert.DoesNotContain(shown, line => line.StartsWith(gone.TokenId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Java_shows_and_sets_up_what_the_embedded_Kafka_keeps()
    {
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true, StoresAcls = true });
        var tools = await clusters.ToolsAgainst(embedded.BootstrapServers);
        await using var kafka = new KafkaClient(embedded.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var quotas = new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>>
        {
            [ClientQuotaEntity.User("alice")] = new Dictionary<string, double?> { [ClientQuotaNames.ProducerByteRate] = 1024 },
        };
        Assert.Single(await admin.AlterClientQuotasAsync(quotas, cancellation: Cancellation)).EnsureSuccess();
        Assert.Single(await admin.AlterUserScramCredentialsAsync([new("alice", ScramMechanism.ScramSha512, "secret", 8192)], cancellation: Cancellation)).EnsureSuccess();

        Assert.Equal(
            ["Quota configs for user-principal 'alice' are producer_byte_rate=1024.0", "SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-512=iterations=8192"],
            (await tools.Configs(["--describe", "--entity-type", "users"], Cancellation)).Lines);
        var shown = (await tools.Acls(
            ["--add", "--allow-principal", "User:alice", "--operation", "Read", "--topic", "payments.", "--resource-pattern-type", "prefixed"], Cancellation)).Lines;
        Assert.Contains(shown, static line => line.Contains("principal=User:alice, host=*, operation=READ, permissionType=ALLOW", StringComparison.Ordinal));
        Assert.Equal(
            [new(AclResourceType.Topic, "payments.", "User:alice", AclOperation.Read) { PatternType = PatternType.Prefixed }],
            await admin.DescribeAclsAsync(cancellation: Cancellation));
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Tenant_sample_sets_up_what_it_says_and_changes_nothing_the_second_time(string version)
    {
        var cluster = await secure.Of(version);
        var tenant = cluster.NewName("tenant");
        string[] arguments = ["--bootstrap", cluster.BootstrapServers, "--tenant", tenant];
        var variables = new Dictionary<string, string> { ["TENANT_PASSWORD"] = "secret of the test" };

        var first = await SampleProgram.Run(SampleProgram.Tenant, arguments, Cancellation, variables);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        await Wait.Until(
            async () => (await admin.DescribeAclsAsync(new AclFilter { Principal = $"User:{tenant}" }, Cancellation)).Count == 4, "the ACLs are known", Cancellation);
        var second = await SampleProgram.Run(SampleProgram.Tenant, arguments, Cancellation, variables);

        Assert.Equal(8, first.Lines.Count);
        Assert.All(first.Lines, static line => Assert.False(line.StartsWith("unchanged", StringComparison.Ordinal)));
        Assert.Equal(8, second.Lines.Count);
        Assert.All(second.Lines, static line => Assert.StartsWith("unchanged ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("secret of the test", first.Output, StringComparison.Ordinal);
        ConfigResource[] topics = [ConfigResource.Topic($"{tenant}.events"), ConfigResource.Topic($"{tenant}.profiles")];
        var configs = (await admin.DescribeConfigsAsync(topics, cancellation: Cancellation)).Select(static result => result.GetOrThrow()).ToArray();
        Assert.Contains(configs[0], static entry => entry is { Name: "retention.ms", Value: "604800000", Source: ConfigSource.Topic });
        Assert.Contains(configs[1], static entry => entry is { Name: "cleanup.policy", Value: "compact", Source: ConfigSource.Topic });
        Assert.Equal(5_000_000, (await admin.DescribeClientQuotasAsync(cancellation: Cancellation))[ClientQuotaEntity.User(tenant)][ClientQuotaNames.ProducerByteRate]);
    }

    static async Task<ErrorCode> TokenErrorOf(Func<Task> call) => (await Wait.Fails<KafkaException>(call)).Code;

    /// <summary>Quotas of a user, of whom one is taken back, and of the default of users; whatever else is tried comes to nothing.</summary>
    static async Task SetQuotasAsync(Admin admin, string user, string other)
    {
        var (own, everybody, address) = (ClientQuotaEntity.User(user), ClientQuotaEntity.User(null), ClientQuotaEntity.Ip("127.0.0.9"));
        foreach (var outcome in await AlterAsync(
            false,
            (own, new() { [ClientQuotaNames.ProducerByteRate] = 1000, [ClientQuotaNames.ConsumerByteRate] = 1, [ClientQuotaNames.RequestPercentage] = 12.5 }),
            (everybody, new() { [ClientQuotaNames.ControllerMutationRate] = 3000 }),
            (address, new() { [ClientQuotaNames.ConnectionCreationRate] = 10_000 })))
            outcome.EnsureSuccess();
        var wrong = await AlterAsync(
            false,
            (own, new() { [ClientQuotaNames.ConsumerByteRate] = null }),
            (ClientQuotaEntity.User(other), new() { ["no_such_rate"] = 1 }),
            (ClientQuotaEntity.ClientId(other), new() { [ClientQuotaNames.ProducerByteRate] = 1.5 }),
            (ClientQuotaEntity.UserAndClientId(other, other), new() { [ClientQuotaNames.ProducerByteRate] = -1 }),
            (new ClientQuotaEntity([new("planet", "mars")]), new() { [ClientQuotaNames.ProducerByteRate] = 1 }));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest],
            wrong.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.All(await AlterAsync(true, (ClientQuotaEntity.User(other), new() { [ClientQuotaNames.ProducerByteRate] = 1 })), static outcome => outcome.EnsureSuccess());

        await Wait.Until(
            async () => (await admin.DescribeClientQuotasAsync([ClientQuotaFilterComponent.Exact(ClientQuotaEntity.UserType, user)], strict: true, Cancellation)) is { Count: 1 } found
                && found[own].Count == 2, "the quotas are known", Cancellation);
        var ofDefault = await admin.DescribeClientQuotasAsync([ClientQuotaFilterComponent.Default(ClientQuotaEntity.UserType)], cancellation: Cancellation);
        Assert.Equal(3000, ofDefault[everybody][ClientQuotaNames.ControllerMutationRate]);
        Assert.Equal([address], (await admin.DescribeClientQuotasAsync([ClientQuotaFilterComponent.Any(ClientQuotaEntity.IpType)], cancellation: Cancellation)).Keys);
        var twice = ClientQuotaFilterComponent.Any(ClientQuotaEntity.UserType);
        var refused = await Wait.Fails<KafkaException>(() => admin.DescribeClientQuotasAsync([twice, twice], cancellation: Cancellation).AsTask());
        Assert.Equal(ErrorCode.InvalidRequest, refused.Code);

        async Task<IReadOnlyList<ItemOutcome<ClientQuotaEntity>>> AlterAsync(
            bool validateOnly, params (ClientQuotaEntity Entity, Dictionary<string, double?> Quotas)[] alterations) =>
            await admin.AlterClientQuotasAsync(
                alterations.ToDictionary(static alteration => alteration.Entity, static IReadOnlyDictionary<string, double?> (alteration) => alteration.Quotas),
                validateOnly, Cancellation);
    }
}
