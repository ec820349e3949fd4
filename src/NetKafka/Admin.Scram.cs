using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Users with passwords (SCRAM).</content>
public sealed partial class Admin
{
    const string ScramNotDescribed = "The SCRAM credentials could not be described";

    /// <summary>Describes which SCRAM credentials users have (KIP-554; Kafka 2.7 and later).</summary>
    /// <param name="users">The users, without a type: <c>alice</c>; null for all that have any, none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>
    /// For each user its credentials, or an error of its own; in the order given, and of all by name. A user without any is an error
    /// (<see cref="ErrorCode.ResourceNotFound"/>).
    /// </returns>
    /// <exception cref="KafkaException">All were asked for, and no broker could be asked.</exception>
    /// <exception cref="KafkaAuthorizationException">All were asked for, and this client may not describe the cluster.</exception>
    public ValueTask<IReadOnlyList<ItemResult<string, IReadOnlyList<ScramCredentialInfo>>>> DescribeUserScramCredentialsAsync(
        IEnumerable<string>? users = null, CancellationToken cancellation = default)
    {
        if (users is null)
            return DescribeAllScramAsync(cancellation);
        var items = Items<string, IReadOnlyList<ScramCredentialInfo>>(users, WhatOfScram, StringComparer.Ordinal);
        return AskEach<string, IReadOnlyList<ScramCredentialInfo>, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(
            items, ToAnyBroker<string>(),
            static (_, names) => new DescribeUserScramCredentialsRequest
            {
                Users = [.. names.Select(static name => new DescribeUserScramCredentialsRequest.UserName { Name = name })],
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, answer.ErrorMessage);
                foreach (var row in answer.Results)
                    items.Take(row.User, row.ErrorCode, row.ErrorMessage, () => Infos(row));
            },
            cancellation);
    }

    /// <summary>Sets and deletes SCRAM credentials of users (KIP-554; Kafka 2.7 and later).</summary>
    /// <param name="upsertions">What is set.</param>
    /// <param name="deletions">What is deleted. Where both are empty, no request is made.</param>
    /// <param name="cancellation">Ends the wait; the credentials may be changed all the same.</param>
    /// <returns>
    /// The outcome for each credential, in the order given, what is set before what is deleted. One that stands there twice is an error
    /// (<see cref="ErrorCode.DuplicateResource"/>) and stays as it was; so is one to be deleted that is not there (<see cref="ErrorCode.ResourceNotFound"/>),
    /// one without a user or with too few or too many iterations (<see cref="ErrorCode.UnacceptableCredential"/>), and one of an unknown mechanism
    /// (<see cref="ErrorCode.UnsupportedSaslMechanism"/>).
    /// </returns>
    /// <remarks>Kafka takes one change of a user in a request: where one has changes of both mechanisms, each mechanism goes in a request of its own.</remarks>
    public async ValueTask<IReadOnlyList<ItemOutcome<UserScramCredential>>> AlterUserScramCredentialsAsync(
        IEnumerable<UserScramUpsertion> upsertions, IEnumerable<UserScramCredential>? deletions = null, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        var scope = Scope(cancellation);
        var changes = upsertions.Select(static upsertion => (upsertion.Credential, Upsertion: (UserScramUpsertion?)upsertion))
            .Concat((deletions ?? []).Select(static deletion => (Credential: deletion, Upsertion: (UserScramUpsertion?)null)))
            .GroupBy(static change => change.Credential)
            .Select(static same => (same.Key, Upsertion: same.First().Upsertion, Mistake: MistakeOf([.. same.Select(static change => change.Upsertion)], same.Key)))
            .ToList();
        var outcomes = new Dictionary<UserScramCredential, ItemOutcome<UserScramCredential>>();
        foreach (var mechanism in changes.GroupBy(static change => change.Key.Mechanism))
        {
            foreach (var outcome in await AlterScramAsync([.. mechanism], scope))
                outcomes[outcome.Item] = outcome;
        }
        return [.. changes.Select(change => outcomes[change.Key])];
    }

    /// <summary>Changes credentials of one mechanism, at most one of each user.</summary>
    ValueTask<IReadOnlyList<ItemOutcome<UserScramCredential>>> AlterScramAsync(
        IReadOnlyList<(UserScramCredential Credential, UserScramUpsertion? Upsertion, (ErrorCode Code, string Words)? Mistake)> changes, CallScope scope)
    {
        var items = Items<UserScramCredential, bool>(
            changes.Select(static change => change.Credential), static credential => $"The credential {credential} could not be changed");
        var wanted = changes.ToDictionary(static change => change.Credential, static change => change.Upsertion);
        foreach (var (credential, _, mistake) in changes)
        {
            if (mistake is var (code, words))
                items.Fail(credential, MistakeError(items.What(credential), words, code));
        }
        var mechanism = changes[0].Credential.Mechanism;
        return Outcomes(AskEach<UserScramCredential, bool, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(
            items, ToController<UserScramCredential>(),
            (_, asked) => new AlterUserScramCredentialsRequest
            {
                Deletions = [.. asked.Where(credential => wanted[credential] is null).Select(DeletionOf)],
                Upsertions = [.. asked.Select(credential => wanted[credential]).OfType<UserScramUpsertion>().Select(UpsertionOf)],
            },
            (answer, _, _) =>
            {
                foreach (var row in answer.Results)
                    items.Take(new UserScramCredential(row.User, mechanism), row.ErrorCode, row.ErrorMessage, static () => true);
            },
            scope));
    }

    static AlterUserScramCredentialsRequest.ScramCredentialDeletion DeletionOf(UserScramCredential credential) =>
        new() { Name = credential.User, Mechanism = (sbyte)credential.Mechanism };

    static AlterUserScramCredentialsRequest.ScramCredentialUpsertion UpsertionOf(UserScramUpsertion upsertion) => new()
    {
        Name = upsertion.Credential.User,
        Mechanism = (sbyte)upsertion.Credential.Mechanism,
        Iterations = upsertion.Iterations,
        Salt = upsertion.Salt,
        SaltedPassword = upsertion.SaltedPassword,
    };

    ValueTask<IReadOnlyList<ItemResult<string, IReadOnlyList<ScramCredentialInfo>>>> DescribeAllScramAsync(CancellationToken cancellation) =>
        Start<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, IReadOnlyList<ItemResult<string, IReadOnlyList<ScramCredentialInfo>>>>(
            cancellation,
            call => new(call, _machine, _settings)
            {
                What = ScramNotDescribed,
                Target = RequestTarget.AnyBroker,
                Request = static _ => new DescribeUserScramCredentialsRequest { Users = null },
                Take = static answer => Step<IReadOnlyList<ItemResult<string, IReadOnlyList<ScramCredentialInfo>>>>.From(
                    answer.ErrorCode, answer.ErrorMessage, ScramNotDescribed, () =>
                    [
                        .. answer.Results.OrderBy(static row => row.User, StringComparer.Ordinal).Select(static row =>
                        {
                            var error = row.ErrorCode == ErrorCode.None ? null : KafkaErrors.From(row.ErrorCode, row.ErrorMessage, WhatOfScram(row.User));
                            return new ItemResult<string, IReadOnlyList<ScramCredentialInfo>>(row.User, error is null ? Infos(row) : null, error);
                        }),
                    ]),
            });

    static string WhatOfScram(string user) => $"The SCRAM credentials of user '{user}' could not be described";

    static ScramCredentialInfo[] Infos(DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult row) =>
        [.. row.CredentialInfos.OrderBy(static info => info.Mechanism).Select(static info => new ScramCredentialInfo((ScramMechanism)info.Mechanism, info.Iterations))];

    /// <summary>Why the changes of one credential cannot be made; null where they can.</summary>
    static (ErrorCode Code, string Words)? MistakeOf(UserScramUpsertion?[] changes, UserScramCredential credential) => credential switch
    {
        _ when changes.Length > 1 => (ErrorCode.DuplicateResource, "it stands twice in one call; nothing was done to it"),
        { User: null or "" } => (ErrorCode.UnacceptableCredential, "it has no user"),
        { Mechanism: not (ScramMechanism.ScramSha256 or ScramMechanism.ScramSha512) } => (ErrorCode.UnsupportedSaslMechanism, "its mechanism is none that Kafka has"),
        _ => changes[0]?.Mistake is { } mistake ? (ErrorCode.UnacceptableCredential, mistake) : null,
    };
}
