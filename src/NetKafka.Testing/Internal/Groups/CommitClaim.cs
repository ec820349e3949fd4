namespace NetKafka.Testing.Internal.Groups;

/// <summary>Who wants to commit: a member of a generation (classic) or member epoch (KIP-848), or nobody (epoch -1, no member).</summary>
readonly record struct CommitClaim(string MemberId, string? InstanceId, int Epoch, short Version)
{
    /// <summary>Nothing of a membership is named.</summary>
    internal bool NamesNobody => Epoch < 0 && MemberId.Length == 0 && InstanceId is null;
}
