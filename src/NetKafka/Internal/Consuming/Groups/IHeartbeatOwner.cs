using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>A member of a group by a protocol whose one request is the heartbeat.</summary>
interface IHeartbeatOwner
{
    /// <summary>The group as people read of it.</summary>
    string GroupName { get; }

    /// <summary>What an error of a heartbeat means to the application.</summary>
    KafkaException ErrorOf(ErrorCode error, string? said);

    /// <summary>What it means that the coordinator does not know the request.</summary>
    KafkaException TooOld(string detail, string? broker);

    /// <summary>A heartbeat has no answer, and is tried again.</summary>
    void OnUnanswered(RequestFailure failure, Instant now);

    /// <summary>Something that the application has to know, and the member goes on.</summary>
    void OnProblem(KafkaException problem);

    /// <summary>The member cannot be one, however often it asks.</summary>
    void Fail(KafkaException error);

    void Report(string problem);

    void Wake();
}
