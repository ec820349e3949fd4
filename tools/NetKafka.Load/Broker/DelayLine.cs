using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace NetKafka.Load.Broker;

/// <summary>Sends answers in order, each a fixed time after its request: a distance, as between two data centres.</summary>
sealed class DelayLine : IDisposable
{
    readonly BlockingCollection<(long DueAt, byte[] Answer)> _queue = new(boundedCapacity: 4096);
    readonly Socket _socket;
    readonly long _delayTicks;

    public DelayLine(Socket socket, TimeSpan delay)
    {
        _socket = socket;
        _delayTicks = (long)(delay.TotalSeconds * Stopwatch.Frequency);
        new Thread(Run) { IsBackground = true, Name = "delay" }.Start();
    }

    public void Send(ReadOnlySpan<byte> answer) => _queue.Add((Stopwatch.GetTimestamp() + _delayTicks, answer.ToArray()));

    public void Dispose() => _queue.CompleteAdding();

    void Run()
    {
        try
        {
            foreach (var (dueAt, answer) in _queue.GetConsumingEnumerable())
            {
                var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), dueAt);
                if (left > TimeSpan.Zero)
                    Thread.Sleep(left);
                for (ReadOnlySpan<byte> rest = answer; rest.Length > 0;)
                    rest = rest[_socket.Send(rest)..];
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }
}
