using System.Net;
using System.Net.Sockets;

namespace NetKafka.Testing.Internal.Shells;

/// <summary>One broker on a loopback port. It listens while the broker runs, and keeps its port while it does not.</summary>
sealed class TcpBroker(ClusterShell shell, int nodeId)
{
    const int Backlog = 128;
    readonly Lock gate = new();
    readonly HashSet<TcpClientLoop> clients = [];
    Socket? listener;
    Task accepting = Task.CompletedTask;

    internal int Port { get; private set; }

    internal void Listen()
    {
        lock (gate)
        {
            if (listener is not null)
                return;
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            socket.Listen(Backlog);
            Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            listener = socket;
            accepting = Task.Run(() => AcceptAsync(socket));
        }
    }

    /// <summary>Refuses new connections. Open ones are closed by the machine when its broker stops.</summary>
    internal void StopListening()
    {
        lock (gate)
        {
            listener?.Dispose();
            listener = null;
        }
    }

    /// <summary>Ends every loop of this broker and waits for them.</summary>
    internal async Task CloseAsync()
    {
        StopListening();
        await accepting.ConfigureAwait(false);
        TcpClientLoop[] open;
        lock (gate)
            open = [.. clients];
        foreach (var client in open)
            client.Close();
        await Task.WhenAll(open.Select(client => client.Completion)).ConfigureAwait(false);
    }

    void Forget(TcpClientLoop client)
    {
        lock (gate)
            clients.Remove(client);
    }

    async Task AcceptAsync(Socket socket)
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = await socket.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }

            Serve(accepted);
        }
    }

    void Serve(Socket accepted)
    {
        accepted.NoDelay = true;
        ShellConnection? connection;
        try
        {
            connection = shell.Connect(nodeId);
        }
        catch (ObjectDisposedException)
        {
            connection = null;
        }

        if (connection is null)
        {
            accepted.Dispose();
            return;
        }

        var client = new TcpClientLoop(accepted, connection);
        lock (gate)
        {
            clients.Add(client);
            client.Start(() => Forget(client));
        }
    }
}
