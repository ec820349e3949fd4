namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>Where an acquired record stands.</summary>
enum RecordStage : byte
{
    /// <summary>Locked for this consumer, and the application has not been given it.</summary>
    Waiting,

    /// <summary>The application has it.</summary>
    Given,

    /// <summary>It was acknowledged, and the broker has said so; or it was said that the broker has refused it.</summary>
    Ended,

    /// <summary>It is not this consumer's any more: its lock has ended, or the session that it was acquired in.</summary>
    Lost,
}
