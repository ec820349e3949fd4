using System.Security.Cryptography;
using System.Text;
using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Users with passwords, against the embedded Kafka.</summary>
public sealed class AdminScramTests : AdminScene
{
    const string Password = "pencil";

    [Fact]
    public async Task Credentials_are_set_changed_and_deleted()
    {
        await Alter(new UserScramUpsertion("alice", ScramMechanism.ScramSha256, Password), new UserScramUpsertion("bob", ScramMechanism.ScramSha512, Password, 8192));
        await Alter(new UserScramUpsertion("alice", ScramMechanism.ScramSha256, Password, 5000));
        Assert.Equal([("alice", "ScramSha256 5000"), ("bob", "ScramSha512 8192")], await AllAsync());

        await Delete(new("alice", ScramMechanism.ScramSha256));
        Assert.Equal([("bob", "ScramSha512 8192")], await AllAsync());
    }

    [Fact]
    public async Task Both_mechanisms_of_one_user_are_changed_in_one_call()
    {
        var outcomes = await Admin.AlterUserScramCredentialsAsync(
            [new("alice", ScramMechanism.ScramSha256, Password), new("alice", ScramMechanism.ScramSha512, Password)], cancellation: Cancellation);
        Assert.All(outcomes, static outcome => outcome.EnsureSuccess());

        outcomes = await Admin.AlterUserScramCredentialsAsync([new("alice", ScramMechanism.ScramSha256, Password, 6000)], [new("alice", ScramMechanism.ScramSha512)], Cancellation);
        Assert.All(outcomes, static outcome => outcome.EnsureSuccess());
        Assert.Equal([("alice", "ScramSha256 6000")], await AllAsync());
    }

    [Fact]
    public async Task Each_credential_has_its_own_error()
    {
        await Alter(new UserScramUpsertion("carol", ScramMechanism.ScramSha256, Password));
        UserScramUpsertion[] upsertions =
        [
            new("", ScramMechanism.ScramSha256, Password), new("a", ScramMechanism.ScramSha256, Password, 4095), new("b", ScramMechanism.ScramSha512, Password, 16_385),
            new("c", (ScramMechanism)9, Password), new("d", ScramMechanism.ScramSha256, ""),
            new("carol", ScramMechanism.ScramSha256, Password, 5000), new("e", ScramMechanism.ScramSha256, Password),
        ];
        UserScramCredential[] deletions = [new("carol", ScramMechanism.ScramSha256), new("nobody", ScramMechanism.ScramSha512)];

        var outcomes = await Admin.AlterUserScramCredentialsAsync(upsertions, deletions, Cancellation);

        Assert.Equal(
            [
                ErrorCode.UnacceptableCredential, ErrorCode.UnacceptableCredential, ErrorCode.UnacceptableCredential, ErrorCode.UnsupportedSaslMechanism,
                ErrorCode.UnacceptableCredential, ErrorCode.DuplicateResource, ErrorCode.None, ErrorCode.ResourceNotFound,
            ],
            outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Equal([.. upsertions.Select(static upsertion => upsertion.Credential), deletions[1]], outcomes.Select(static outcome => outcome.Item));
        Assert.All(outcomes, static outcome => Assert.DoesNotContain(Password, $"{outcome.Error}", StringComparison.Ordinal));
        Assert.Equal([("carol", "ScramSha256 4096"), ("e", "ScramSha256 4096")], await AllAsync());
    }

    [Fact]
    public async Task User_without_credentials_is_an_error_of_its_own()
    {
        await Alter(new UserScramUpsertion("alice", ScramMechanism.ScramSha512, Password));

        var described = await Admin.DescribeUserScramCredentialsAsync(["nobody", "alice"], Cancellation);

        Assert.Equal(ErrorCode.ResourceNotFound, described[0].Error!.Code);
        Assert.Equal(new ScramCredentialInfo(ScramMechanism.ScramSha512, 4096), Assert.Single(described[1].GetOrThrow()));
    }

    [Fact]
    public async Task Nothing_to_change_or_describe_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.AlterUserScramCredentialsAsync([], cancellation: Cancellation));
        Assert.Empty(await admin.DescribeUserScramCredentialsAsync([], Cancellation));
    }

    [Fact]
    public void Salted_password_gives_the_proof_of_RFC_7677()
    {
        var upsertion = new UserScramUpsertion("user", ScramMechanism.ScramSha256, Password, 4096, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="));
        const string Exchange = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
            + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

        var clientKey = HMACSHA256.HashData(upsertion.SaltedPassword, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes(Exchange));

        Assert.Equal("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", Convert.ToBase64String([.. clientKey.Zip(signature, static (key, mask) => (byte)(key ^ mask))]));
    }

    [Fact]
    public void Salt_is_new_each_time_and_the_password_is_told_by_nothing()
    {
        var (one, other) = (new UserScramUpsertion("alice", ScramMechanism.ScramSha512, Password), new UserScramUpsertion("alice", ScramMechanism.ScramSha512, Password));

        Assert.NotEqual(one.Salt, other.Salt);
        Assert.Equal(64, one.SaltedPassword.Length);
        Assert.Equal("SCRAM-SHA-512 of user 'alice', 4096 iterations", one.ToString());
        var fields = typeof(UserScramUpsertion).GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic);
        Assert.DoesNotContain(fields, field => field.GetValue(one) is Password);
    }

    async Task Alter(params UserScramUpsertion[] upsertions) =>
        Assert.All(await Admin.AlterUserScramCredentialsAsync(upsertions, cancellation: Cancellation), static outcome => outcome.EnsureSuccess());

    async Task Delete(UserScramCredential credential) =>
        Assert.Single(await Admin.AlterUserScramCredentialsAsync([], [credential], Cancellation)).EnsureSuccess();

    async Task<IEnumerable<(string User, string Credentials)>> AllAsync() => (await Admin.DescribeUserScramCredentialsAsync(cancellation: Cancellation))
        .Select(static result => (result.Item, string.Join(' ', result.GetOrThrow().Select(static info => $"{info.Mechanism} {info.Iterations}"))));
}
