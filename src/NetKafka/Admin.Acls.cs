using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>ACLs.</content>
public sealed partial class Admin
{
    const string AclsNotDescribed = "The ACLs could not be described";

    /// <summary>Creates ACLs (KIP-140, KIP-290). One that is there already succeeds and stays as it is.</summary>
    /// <param name="acls">The ACLs; none succeeds without a request. Those of users need version 3 of the request (KIP-373).</param>
    /// <param name="cancellation">Ends the wait; the ACLs may be created all the same.</param>
    /// <returns>
    /// The outcome for each ACL, in the order given. One that can be none, such as one for any operation, is an error of its own
    /// (<see cref="ErrorCode.InvalidRequest"/>) and is not sent. A cluster without an authorizer (<c>authorizer.class.name</c>) has no ACLs
    /// (<see cref="ErrorCode.SecurityDisabled"/>).
    /// </returns>
    public ValueTask<IReadOnlyList<ItemOutcome<AclBinding>>> CreateAclsAsync(IEnumerable<AclBinding> acls, CancellationToken cancellation = default)
    {
        var items = Items<AclBinding, bool>(acls, static acl => $"The ACL '{acl}' could not be created");
        FailMistakes(items, AclMessages.Mistake);
        return Outcomes(AskEach<AclBinding, bool, CreateAclsRequest, CreateAclsResponse>(
            items, ToAnyBroker<AclBinding>(),
            static (_, asked) => new CreateAclsRequest { Creations = [.. asked.Select(AclMessages.Creation)] },
            (answer, asked, _) =>
            {
                foreach (var (acl, row) in asked.Zip(answer.Results))
                    items.Take(acl, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation, minVersionOf: static acl => AclMessages.MinVersion(acl.ResourceType)));
    }

    /// <summary>Describes the ACLs that a filter finds (KIP-140, KIP-290).</summary>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The ACLs as one broker knows them, in no order. What was just changed may take a moment to come to all brokers.</returns>
    /// <exception cref="KafkaException">
    /// The filter asks for what is unknown, no broker could be asked, or the cluster has no authorizer (<see cref="ErrorCode.SecurityDisabled"/>).
    /// </exception>
    /// <exception cref="KafkaAuthorizationException">This client may not describe the cluster.</exception>
    public ValueTask<IReadOnlyList<AclBinding>> DescribeAclsAsync(AclFilter? filter = null, CancellationToken cancellation = default)
    {
        filter ??= AclFilter.All;
        if (AclMessages.Mistake(filter) is { } mistake)
            return ValueTask.FromException<IReadOnlyList<AclBinding>>(MistakeError($"{AclsNotDescribed} ({filter})", mistake));
        return Start<DescribeAclsRequest, DescribeAclsResponse, IReadOnlyList<AclBinding>>(cancellation, call => new(call, _machine, _settings)
        {
            What = AclsNotDescribed,
            Target = RequestTarget.AnyBroker,
            MinVersion = AclMessages.MinVersion(filter.ResourceType),
            Request = _ => AclMessages.Description(filter),
            Take = answer => Step<IReadOnlyList<AclBinding>>.From(answer.ErrorCode, answer.ErrorMessage, AclsNotDescribed, () => AclMessages.AclsOf(answer)),
        });
    }

    /// <summary>Deletes the ACLs that filters find (KIP-140, KIP-290).</summary>
    /// <param name="filters">Which; none succeeds without a request. <see cref="AclBinding.ToFilter"/> finds a single one.</param>
    /// <param name="cancellation">Ends the wait; the ACLs may be deleted all the same.</param>
    /// <returns>
    /// For each filter, in the order given, the ACLs that it found, each with its own outcome, or an error of the filter. What two filters find may be told
    /// of by both. Where an answer is lost on the way the filters are sent again, and what was deleted for the lost one is found no more.
    /// </returns>
    public ValueTask<IReadOnlyList<ItemResult<AclFilter, IReadOnlyList<ItemOutcome<AclBinding>>>>> DeleteAclsAsync(
        IEnumerable<AclFilter> filters, CancellationToken cancellation = default)
    {
        var items = Items<AclFilter, IReadOnlyList<ItemOutcome<AclBinding>>>(filters, static filter => $"The ACLs of a filter ({filter}) could not be deleted");
        FailMistakes(items, AclMessages.Mistake);
        return AskEach<AclFilter, IReadOnlyList<ItemOutcome<AclBinding>>, DeleteAclsRequest, DeleteAclsResponse>(
            items, ToAnyBroker<AclFilter>(),
            static (_, asked) => new DeleteAclsRequest { Filters = [.. asked.Select(AclMessages.Deletion)] },
            (answer, asked, _) =>
            {
                foreach (var (filter, row) in asked.Zip(answer.FilterResults))
                    items.Take(filter, row.ErrorCode, row.ErrorMessage, () => [.. row.MatchingAcls.Select(OutcomeOf)]);
            },
            cancellation, minVersionOf: static filter => AclMessages.MinVersion(filter.ResourceType));
    }

    static ItemOutcome<AclBinding> OutcomeOf(DeleteAclsResponse.DeleteAclsMatchingAcl row)
    {
        var acl = AclMessages.AclOf(row);
        return new(acl, row.ErrorCode == ErrorCode.None ? null : KafkaErrors.From(row.ErrorCode, row.ErrorMessage, $"The ACL '{acl}' could not be deleted"));
    }
}
