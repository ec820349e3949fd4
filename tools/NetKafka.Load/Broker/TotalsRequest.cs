using System.Buffers.Binary;
using System.Net.Sockets;

namespace NetKafka.Load.Broker;

/// <summary>Asks a null broker for its counts: a request under an API key that Kafka does not use.</summary>
static class TotalsRequest
{
    public const short ApiKey = 31_000;

    const int HeaderBytes = 10;

    /// <summary>The counts; null if the peer is no null broker.</summary>
    public static BrokerTotals? TryAsk(string bootstrap)
    {
        try
        {
            var split = bootstrap.LastIndexOf(':');
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000, NoDelay = true };
            socket.Connect(bootstrap[..split], int.Parse(bootstrap.AsSpan(split + 1)));
            Span<byte> request = stackalloc byte[4 + HeaderBytes];
            request.Clear();
            BinaryPrimitives.WriteInt32BigEndian(request, HeaderBytes);
            BinaryPrimitives.WriteInt16BigEndian(request[4..], ApiKey);
            // No client id: the length of a null string.
            BinaryPrimitives.WriteInt16BigEndian(request[12..], -1);
            socket.Send(request);
            Span<byte> answer = stackalloc byte[8 + BrokerTotals.Size];
            for (var filled = 0; filled < answer.Length;)
            {
                var count = socket.Receive(answer[filled..]);
                if (count == 0)
                    return null;
                filled += count;
            }
            return BrokerTotals.Read(answer[8..]);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
