using NetKafka;
using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Testing;
using Tenant;

if (Settings.Parse(args, Environment.GetEnvironmentVariable("TENANT_PASSWORD")) is not { } settings)
{
    Console.Error.WriteLine(Settings.Usage);
    return 2;
}

// Without a cluster of your own the program brings one along: brokers in this process, which speak Kafka's protocol and keep ACLs.
await using var embedded = settings.Bootstrap is null ? EmbeddedKafka.Start(new EmbeddedKafkaOptions { StoresAcls = true }) : null;
await using var kafka = new KafkaClient(new KafkaClientOptions
{
    BootstrapServers = settings.Bootstrap ?? embedded!.BootstrapServers,
    ConnectCallback = embedded is null ? null : embedded.ConnectAsync,
});
await using var admin = kafka.CreateAdmin();

try
{
    for (var run = 0; run < (embedded is null ? 1 : 2); run++)
    {
        // The user comes first: whoever can log in may do nothing until the ACLs are there.
        await SetUpUserAsync();
        await SetUpTopicsAsync();
        await SetUpQuotasAsync();
        await SetUpAclsAsync();
    }
    return 0;
}
catch (KafkaException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

async Task SetUpUserAsync()
{
    // Whether a password is the one that is wanted, no cluster tells: one that is there stays.
    var known = (await admin.DescribeUserScramCredentialsAsync([settings.Tenant]))[0];
    if (known.Error is { } error && error.Code != ErrorCode.ResourceNotFound)
        throw error;
    if (known.Value?.Any(static info => info.Mechanism == ScramMechanism.ScramSha512) is true)
    {
        Tell("unchanged", $"user {settings.Tenant}");
        return;
    }
    var password = new UserScramUpsertion(settings.Tenant, ScramMechanism.ScramSha512, settings.Password, iterations: 8192);
    foreach (var outcome in await admin.AlterUserScramCredentialsAsync([password]))
        outcome.EnsureSuccess();
    Tell("created", $"{password}");
}

async Task SetUpTopicsAsync()
{
    NewTopic[] topics =
    [
        new($"{settings.Tenant}.events", Partitions: 3) { Retention = TimeSpan.FromDays(7) },
        new($"{settings.Tenant}.profiles", Partitions: 3) { CleanupPolicy = CleanupPolicy.Compact, DeleteRetention = TimeSpan.FromDays(1) },
    ];
    foreach (var topic in await admin.CreateTopicsAsync(topics))
    {
        // Each topic has its own result: one that is there already is no reason not to create the other.
        if (topic.Succeeded)
            Tell("created", $"topic {topic.Item}");
        else if (topic.Error!.Code == ErrorCode.TopicAlreadyExists)
            Tell("unchanged", $"topic {topic.Item}");
        else
            throw topic.Error;
    }
}

async Task SetUpQuotasAsync()
{
    var user = ClientQuotaEntity.User(settings.Tenant);
    var wanted = new Dictionary<string, double?> { [ClientQuotaNames.ProducerByteRate] = 5_000_000, [ClientQuotaNames.ConsumerByteRate] = 20_000_000 };
    var found = await admin.DescribeClientQuotasAsync([ClientQuotaFilterComponent.Exact(ClientQuotaEntity.UserType, settings.Tenant)], strict: true);
    if (found.TryGetValue(user, out var quotas) && wanted.All(quota => quotas.TryGetValue(quota.Key, out var value) && value == quota.Value))
    {
        Tell("unchanged", $"quotas of {user}");
        return;
    }
    foreach (var outcome in await admin.AlterClientQuotasAsync(new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>> { [user] = wanted }))
        outcome.EnsureSuccess();
    Tell("set", $"quotas of {user}");
}

async Task SetUpAclsAsync()
{
    // Names that begin with the tenant's are the tenant's: its topics, its groups and its transactional ids.
    var (principal, prefix) = ($"User:{settings.Tenant}", $"{settings.Tenant}.");
    AclBinding[] wanted =
    [
        new(AclResourceType.Topic, prefix, principal, AclOperation.Read) { PatternType = PatternType.Prefixed },
        new(AclResourceType.Topic, prefix, principal, AclOperation.Write) { PatternType = PatternType.Prefixed },
        new(AclResourceType.Group, prefix, principal, AclOperation.Read) { PatternType = PatternType.Prefixed },
        new(AclResourceType.TransactionalId, prefix, principal, AclOperation.Write) { PatternType = PatternType.Prefixed },
    ];
    var there = (await admin.DescribeAclsAsync(new AclFilter { Principal = principal })).ToHashSet();
    foreach (var acl in wanted.Where(there.Contains))
        Tell("unchanged", $"ACL: {acl}");
    foreach (var outcome in await admin.CreateAclsAsync(wanted.Where(acl => !there.Contains(acl))))
    {
        outcome.EnsureSuccess();
        Tell("created", $"ACL: {outcome.Item}");
    }
}

static void Tell(string what, string of) => Console.WriteLine($"{what,-9} {of}");
