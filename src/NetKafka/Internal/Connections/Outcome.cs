using System.Diagnostics.CodeAnalysis;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Connections;

/// <summary>How an exchange ended: with a response, or with a failure.</summary>
/// <param name="Response">The response; null where there is a failure.</param>
/// <param name="Failure">The failure; null where there is a response.</param>
/// <param name="NodeId">The broker that answered; −1 where none did.</param>
/// <param name="Version">The version of the response.</param>
/// <param name="Now">When it ended.</param>
readonly record struct Outcome<T>(T? Response, RequestFailure? Failure, int NodeId, short Version, Instant Now)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Response))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool HasResponse => Response is not null;
}
