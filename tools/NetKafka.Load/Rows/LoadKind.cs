namespace NetKafka.Load.Rows;

/// <summary>What a client is made to do.</summary>
enum LoadKind
{
    /// <summary>Produces as fast as it is taken; a callback counts each delivery.</summary>
    Fire,

    /// <summary>A number of senders, each of which awaits a message before the next.</summary>
    Await,

    /// <summary>Reads as fast as it is given.</summary>
    Consume,

    /// <summary>One message after the other, each awaited; latency.</summary>
    RoundTrip,

    /// <summary>Messages at fixed times, each awaited, whatever became of those before; latency from the intended time.</summary>
    OpenLoop,

    /// <summary>Messages at fixed times, with callbacks; latency from the intended time, cost at equal rate.</summary>
    Paced,

    /// <summary>Messages at fixed times, from the intended time until a consumer of the same client has them.</summary>
    EndToEnd,

    /// <summary>Transactions of a hundred records, one after the other; each counts its records once it is committed.</summary>
    Transact,

    /// <summary>The first acknowledgement of a process.</summary>
    Start,

    /// <summary>A producer that has sent one message and then rests; its memory and its processor time.</summary>
    Idle,

    /// <summary>A process without any client: what the runtime itself takes.</summary>
    Bare,
}
