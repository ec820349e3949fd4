using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Delegation tokens.</content>
public sealed partial class Admin
{
    const short FirstCreationWithOwner = 3;
    const string TokenNotCreated = "The delegation token could not be created";
    const string TokenNotRenewed = "The delegation token could not be renewed";
    const string TokenNotExpired = "The delegation token could not be expired";
    const string TokensNotDescribed = "The delegation tokens could not be described";

    /// <summary>
    /// Creates a delegation token (KIP-48). Brokers give tokens only to clients that are authenticated, by TLS with a certificate or by SASL but not by a token,
    /// and only where <c>delegation.token.secret.key</c> is set.
    /// </summary>
    /// <param name="renewers">Who may renew it beside its owner; users alone. Default: null, nobody.</param>
    /// <param name="maxLifetime">For how long it can be renewed; the broker's <c>delegation.token.max.lifetime.ms</c>, the default, is the most.</param>
    /// <param name="owner">
    /// As whom it logs in; another than this client's principal needs the operation <see cref="AclOperation.CreateTokens"/> on that user (KIP-373; version 3 of the
    /// request). Default: null, this client's principal.
    /// </param>
    /// <param name="cancellation">Ends the wait; the token may be created all the same.</param>
    /// <returns>
    /// The token. It expires after the broker's <c>delegation.token.expiry.time.ms</c> unless it is renewed. It may take a moment until all brokers know it.
    /// </returns>
    /// <exception cref="KafkaAuthorizationException">This client may not create tokens of that owner.</exception>
    /// <exception cref="KafkaException">
    /// The broker gives none: <see cref="ErrorCode.DelegationTokenRequestNotAllowed"/>, <see cref="ErrorCode.DelegationTokenAuthDisabled"/>,
    /// <see cref="ErrorCode.InvalidPrincipalType"/>; or its answer was lost, and it is not asked for a second one.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is less than a millisecond.</exception>
    public async ValueTask<DelegationToken> CreateDelegationTokenAsync(
        IEnumerable<KafkaPrincipal>? renewers = null, TimeSpan? maxLifetime = null, KafkaPrincipal? owner = null, CancellationToken cancellation = default)
    {
        var lifetimeMs = PeriodMs(maxLifetime, nameof(maxLifetime));
        await _runtime.Enter();
        KafkaPrincipal[] wanted = [.. renewers ?? []];
        // One item, for a call that must not be repeated: there would be a second token that nobody knows of.
        var items = Items<bool, DelegationToken>([true], static _ => TokenNotCreated);
        var results = await AskEach<bool, DelegationToken, CreateDelegationTokenRequest, CreateDelegationTokenResponse>(
            items, ToAnyBroker<bool>(),
            (_, _) => new CreateDelegationTokenRequest
            {
                OwnerPrincipalType = owner?.Type ?? "",
                OwnerPrincipalName = owner?.Name ?? "",
                Renewers = [.. wanted.Select(static renewer => new CreateDelegationTokenRequest.CreatableRenewers
                {
                    PrincipalType = renewer.Type, PrincipalName = renewer.Name,
                })],
                MaxLifetimeMs = lifetimeMs,
            },
            (answer, keys, _) => items.Take(keys[0], answer.ErrorCode, null, () => TokenMessages.TokenOf(answer, wanted)),
            cancellation, minVersion: owner is null ? (short)0 : FirstCreationWithOwner, mayRepeat: false);
        return results[0].GetOrThrow();
    }

    /// <summary>Renews a delegation token, which its owner and its renewers may (KIP-48).</summary>
    /// <param name="hmac">The token's secret (<see cref="DelegationToken.Hmac"/>).</param>
    /// <param name="period">For how long from now on; the broker's <c>delegation.token.expiry.time.ms</c>, the default, is the most.</param>
    /// <param name="cancellation">Ends the wait; the token may be renewed all the same.</param>
    /// <returns>When it expires now: at most at its <see cref="DelegationToken.MaxTime"/>.</returns>
    /// <exception cref="KafkaException">
    /// The broker does not renew it: <see cref="ErrorCode.DelegationTokenNotFound"/>, <see cref="ErrorCode.DelegationTokenExpired"/>,
    /// <see cref="ErrorCode.DelegationTokenOwnerMismatch"/>, <see cref="ErrorCode.DelegationTokenRequestNotAllowed"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The period is less than a millisecond.</exception>
    public ValueTask<DateTimeOffset> RenewDelegationTokenAsync(ReadOnlyMemory<byte> hmac, TimeSpan? period = null, CancellationToken cancellation = default)
    {
        var (secret, periodMs) = (hmac.ToArray(), PeriodMs(period, nameof(period)));
        return Start<RenewDelegationTokenRequest, RenewDelegationTokenResponse, DateTimeOffset>(cancellation, call => new(call, _machine, _settings)
        {
            What = TokenNotRenewed,
            Target = RequestTarget.AnyBroker,
            Request = _ => new RenewDelegationTokenRequest { Hmac = secret, RenewPeriodMs = periodMs },
            Take = static answer => Step<DateTimeOffset>.From(answer.ErrorCode, null, TokenNotRenewed, () => TokenMessages.TimeOf(answer.ExpiryTimestampMs)),
        });
    }

    /// <summary>Lets a delegation token expire, at once or soon, which its owner and its renewers may (KIP-48).</summary>
    /// <param name="hmac">The token's secret (<see cref="DelegationToken.Hmac"/>).</param>
    /// <param name="period">When, from now on; it may also be later than it was to be. Default: null, at once.</param>
    /// <param name="cancellation">Ends the wait; the token may be expired all the same.</param>
    /// <returns>When it expires now: at most at its <see cref="DelegationToken.MaxTime"/>.</returns>
    /// <exception cref="KafkaException">
    /// The broker does not expire it: <see cref="ErrorCode.DelegationTokenNotFound"/>, <see cref="ErrorCode.DelegationTokenExpired"/>,
    /// <see cref="ErrorCode.DelegationTokenOwnerMismatch"/>, <see cref="ErrorCode.DelegationTokenRequestNotAllowed"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The period is less than a millisecond.</exception>
    public ValueTask<DateTimeOffset> ExpireDelegationTokenAsync(ReadOnlyMemory<byte> hmac, TimeSpan? period = null, CancellationToken cancellation = default)
    {
        var (secret, periodMs) = (hmac.ToArray(), PeriodMs(period, nameof(period)));
        return Start<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, DateTimeOffset>(cancellation, call => new(call, _machine, _settings)
        {
            What = TokenNotExpired,
            Target = RequestTarget.AnyBroker,
            Request = _ => new ExpireDelegationTokenRequest { Hmac = secret, ExpiryTimePeriodMs = periodMs },
            Take = static answer => Step<DateTimeOffset>.From(answer.ErrorCode, null, TokenNotExpired, () => TokenMessages.TimeOf(answer.ExpiryTimestampMs)),
        });
    }

    /// <summary>Describes delegation tokens (KIP-48): those that this client owns, renews or has asked for, and others that it may see.</summary>
    /// <param name="owners">Whose tokens, whether they own, renew or have asked for them; null for all, none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The tokens with their secrets, by id. What has expired is told of until the brokers have tidied up.</returns>
    /// <exception cref="KafkaException">
    /// No broker could be asked, or it tells nothing: <see cref="ErrorCode.DelegationTokenRequestNotAllowed"/>, <see cref="ErrorCode.DelegationTokenAuthDisabled"/>.
    /// </exception>
    public ValueTask<IReadOnlyList<DelegationToken>> DescribeDelegationTokensAsync(IEnumerable<KafkaPrincipal>? owners = null, CancellationToken cancellation = default)
    {
        DescribeDelegationTokenRequest.DescribeDelegationTokenOwner[]? wanted = owners is null ? null :
            [.. owners.Select(static owner => new DescribeDelegationTokenRequest.DescribeDelegationTokenOwner { PrincipalType = owner.Type, PrincipalName = owner.Name })];
        if (wanted is [])
            return ValueTask.FromResult<IReadOnlyList<DelegationToken>>([]);
        return Start<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, IReadOnlyList<DelegationToken>>(cancellation, call => new(call, _machine, _settings)
        {
            What = TokensNotDescribed,
            Target = RequestTarget.AnyBroker,
            Request = _ => new DescribeDelegationTokenRequest { Owners = wanted },
            Take = static answer => Step<IReadOnlyList<DelegationToken>>.From(answer.ErrorCode, null, TokensNotDescribed, () =>
                [.. answer.Tokens.Select(TokenMessages.TokenOf).OrderBy(static token => token.TokenId, StringComparer.Ordinal)]),
        });
    }

    /// <summary>A period as the wire has it: −1 where the broker decides.</summary>
    static long PeriodMs(TimeSpan? period, string name)
    {
        if (period is not { } given)
            return -1;
        ArgumentOutOfRangeException.ThrowIfLessThan(given, TimeSpan.FromMilliseconds(1), name);
        return (long)given.TotalMilliseconds;
    }
}
