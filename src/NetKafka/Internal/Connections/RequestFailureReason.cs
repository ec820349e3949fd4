namespace NetKafka.Internal.Connections;

/// <summary>Why a request has no answer.</summary>
enum RequestFailureReason
{
    /// <summary>Nothing of it was written: no connection could be had. Worth another try, perhaps at another broker.</summary>
    NotSent,

    /// <summary>Its deadline passed before it was written.</summary>
    Expired,

    /// <summary>It was written, at least in part, and the connection broke: whether the broker acted on it is unknown.</summary>
    Lost,

    /// <summary>It was written, and no answer came in time: whether the broker acted on it is unknown.</summary>
    TimedOut,

    /// <summary>The broker has no version of it that the sender can use. Not worth another try at this broker.</summary>
    UnsupportedVersion,

    /// <summary>The answer could not be read: whether the broker acted on the request is unknown.</summary>
    Malformed,

    /// <summary>The request could not be encoded. A defect of the sender.</summary>
    Unwritable,

    /// <summary>The broker that was to be asked could not be found out, for a reason that another try would not change.</summary>
    Refused,

    /// <summary>The client is closing.</summary>
    Closed,
}
