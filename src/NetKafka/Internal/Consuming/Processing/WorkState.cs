namespace NetKafka.Internal.Consuming.Processing;

/// <summary>How far a record in hand has come.</summary>
enum WorkState
{
    /// <summary>It waits for its turn.</summary>
    Waiting,

    /// <summary>Its handler runs.</summary>
    Begun,

    /// <summary>Its handler has ended well.</summary>
    Finished,

    /// <summary>It is not finished and will not be: it comes again. Nothing behind it counts before that.</summary>
    LetGo,
}
