using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Security;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>CreateAcls, every version. What is there already succeeds.</summary>
sealed class CreateAclsHandler : ApiHandler<CreateAclsRequest, CreateAclsResponse>
{
    internal override CreateAclsResponse Fail(Call<CreateAclsRequest, CreateAclsResponse> call, ErrorCode error) => Respond(call, _ => (error, null));

    protected override void Handle(Call<CreateAclsRequest, CreateAclsResponse> call, long nowMs)
    {
        if (call.Request.Creations.Any(creation => AclOf(creation).IsUnknown))
            call.Close();
        else if (!call.Cluster.Settings.HasAuthorizer)
            call.Answer(Respond(call, _ => (ErrorCode.SecurityDisabled, "No Authorizer is configured.")));
        else
            call.Answer(Respond(call, creation => Create(call.Cluster.Acls, AclOf(creation))));
    }

    static (ErrorCode Error, string? Message) Create(AclStore acls, Acl acl)
    {
        if (acl.Mistake is { } mistake)
            return (ErrorCode.InvalidRequest, mistake);
        acls.Add(acl);
        return (ErrorCode.None, null);
    }

    static Acl AclOf(CreateAclsRequest.AclCreation creation) => new(
        creation.ResourceType, creation.ResourceName, creation.ResourcePatternType, creation.Principal, creation.Host, creation.Operation, creation.PermissionType);

    static CreateAclsResponse Respond(
        Call<CreateAclsRequest, CreateAclsResponse> call, Func<CreateAclsRequest.AclCreation, (ErrorCode Error, string? Message)> create) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Results = [.. call.Request.Creations.Select(creation =>
        {
            var (error, message) = create(creation);
            return new CreateAclsResponse.AclCreationResult { ErrorCode = error, ErrorMessage = message };
        })],
    };
}
