namespace NetKafka.Load.Peers;

/// <summary>A producer of a peer.</summary>
interface IPeerSender : IAsyncDisposable
{
    /// <summary>Sends and waits for the acknowledgement.</summary>
    ValueTask SendAsync(byte[] value);

    /// <summary>Sends; the ticket is told of the acknowledgement. Waits while the client's buffer is full.</summary>
    ValueTask PostAsync(byte[] value, Ticket ticket);
}
