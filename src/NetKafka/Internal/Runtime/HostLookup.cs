using System.Net;

namespace NetKafka.Internal.Runtime;

/// <summary>Looks up all addresses of a host, for the transports that need addresses.</summary>
static class HostLookup
{
    public static void Begin(IEventSink sink, int connection, string host)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            sink.Post(new LoopEvent(LoopEventKind.Resolved, connection, Payload: new[] { literal }));
            return;
        }
        _ = LookUpAsync(sink, connection, host);
    }

    static async Task LookUpAsync(IEventSink sink, int connection, string host)
    {
        try
        {
            var addresses = await Task.Factory.StartNew(
                static host => Dns.GetHostAddressesAsync((string)host!), host, CancellationToken.None,
                TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();
            sink.Post(new LoopEvent(LoopEventKind.Resolved, connection, Payload: addresses));
        }
        catch (Exception error)
        {
            sink.Post(new LoopEvent(LoopEventKind.Resolved, connection, Error: error));
        }
    }
}
