namespace NetKafka.Consuming;

/// <summary>Who says that a record of a share group is done.</summary>
public enum ShareAcknowledgementMode
{
    /// <summary>A record is accepted when the loop asks for the next one.</summary>
    Implicit,

    /// <summary>The application says so of each record, by <c>Acknowledge</c>; a record of which it says nothing comes again once its lock has ended.</summary>
    Explicit,
}
