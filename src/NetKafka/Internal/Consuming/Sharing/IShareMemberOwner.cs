namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>Who works with what a member of a share group is assigned.</summary>
interface IShareMemberOwner
{
    /// <summary>The member has joined, or what it is assigned has changed.</summary>
    void OnShareAssigned();

    /// <summary>Something that the application has to know, and the member goes on.</summary>
    void OnMemberProblem(KafkaException problem);

    /// <summary>The member cannot be one, however often it asks.</summary>
    void OnMemberFailed(KafkaException error);
}
