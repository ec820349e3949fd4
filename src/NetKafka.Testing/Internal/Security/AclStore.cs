namespace NetKafka.Testing.Internal.Security;

/// <summary>The ACLs of the cluster, in the order in which they were created. They are kept, not enforced.</summary>
sealed class AclStore
{
    readonly List<Acl> acls = [];

    internal void Add(Acl acl)
    {
        if (!acls.Contains(acl))
            acls.Add(acl);
    }

    internal Acl[] Find(Acl filter) => [.. acls.Where(acl => filter.Finds(acl))];

    internal void Remove(Acl acl) => acls.Remove(acl);
}
