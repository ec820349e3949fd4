using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace NetKafka.Load.Broker;

/// <summary>
/// A Kafka of one node that does nothing with what it is given: a Produce is acknowledged once its last byte is here, a Fetch
/// is answered at once from batches that were encoded beforehand. So it is the client that is measured. A thread a
/// connection, blocking sockets.
/// </summary>
sealed class NullBroker : IDisposable
{
    readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly Topics _topics;
    readonly ConcurrentDictionary<TopicShape, RecordSet> _sets = new();
    readonly FetchSessions _sessions = new();
    readonly BatchCheck? _check;

    public NullBroker(BrokerOptions options)
    {
        Options = options;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, options.Port));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _topics = new Topics(options);
        _check = options.IsChecking ? new BatchCheck(Counts) : null;
        Pauses = new Pauses(options.PauseEvery, options.PauseFor, options.FirstPause);
        Control = new ControlAnswers(_topics, new Groups(), Port);
        new Thread(Accept) { IsBackground = true, Name = "accept" }.Start();
    }

    public BrokerOptions Options { get; }

    public int Port { get; }

    public BrokerCounts Counts { get; } = new();

    public Pauses Pauses { get; }

    public ControlAnswers Control { get; }

    public ProduceAnswers CreateProduceAnswers() => new(_topics, Counts, _check);

    public FetchAnswers CreateFetchAnswers() => new(_topics, Counts, Options, _sets, _sessions);

    public void Dispose()
    {
        _listener.Dispose();
        _check?.Dispose();
    }

    void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                socket.NoDelay = true;
                var connection = new BrokerConnection(socket, this);
                new Thread(connection.Serve) { IsBackground = true, Name = "connection" }.Start();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
