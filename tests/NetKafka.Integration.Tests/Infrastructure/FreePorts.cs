using System.Net;
using System.Net.Sockets;

namespace NetKafka.Integration.Tests.Infrastructure;

static class FreePorts
{
    /// <summary>
    /// Ports of loopback that nothing listens on. They lie below the range that the system gives to outgoing connections, so
    /// that none is taken by a client while its broker is down.
    /// </summary>
    public static int[] Take(int count)
    {
        var ports = new List<int>();
        var first = Random.Shared.Next(0, Highest - Lowest);
        for (var step = 0; ports.Count < count; step++)
        {
            var port = Lowest + ((first + step) % (Highest - Lowest));
            if (step > Highest - Lowest)
                throw new InvalidOperationException($"Fewer than {count} free ports between {Lowest} and {Highest}.");
            if (IsFree(port))
                ports.Add(port);
        }
        return [.. ports];
    }

    const int Lowest = 20_000;
    const int Highest = 30_000;

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
