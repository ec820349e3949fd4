using System.Net;
using System.Net.Sockets;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>Sockets over loopback: each thing begun is answered once, and closed comes last.</summary>
public abstract class SocketTransportTests : IDisposable
{
    readonly EventLog _events = new();
    readonly SocketTransport _transport;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    protected SocketTransportTests(int maxThreads)
    {
        _transport = new SocketTransport(maxThreads);
        _transport.Start(_events);
        _listener.Start();
    }

    private protected EventLog Events => _events;

    private protected SocketTransport Transport => _transport;

    public void Dispose()
    {
        _transport.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task Address_is_its_own_answer_to_a_look_up()
    {
        _transport.Resolve(1, "127.0.0.1");
        var resolved = await _events.Next(LoopEventKind.Resolved);
        Assert.Equal([IPAddress.Loopback], (IPAddress[]?)resolved.Payload);
    }

    [Fact]
    public async Task Host_that_does_not_exist_is_answered_with_the_error()
    {
        _transport.Resolve(1, "no.such.host.invalid");
        Assert.IsType<SocketException>((await _events.Next(LoopEventKind.Resolved)).Error);
    }

    [Fact]
    public async Task Refused_connect_is_answered_with_the_error_and_closes()
    {
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _listener.Stop();
        _transport.Connect(1, new ConnectTarget("localhost", port, IPAddress.Loopback));
        var refused = await _events.Next(LoopEventKind.Connected);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refused.Error).SocketErrorCode);
        _transport.Close(1);
        await _events.Next(LoopEventKind.Closed);
    }

    [Fact]
    public async Task Many_large_pieces_arrive_whole_and_in_order()
    {
        using var peer = await Open();
        var buffer = new SendBuffer(16);
        var random = new RandomSource(3);
        for (var i = 0; i < 21; i++)
        {
            buffer.Writer.WriteInt32(i);
            var piece = new byte[300_000 + i];
            for (var at = 0; at < piece.Length; at += 997)
                piece[at] = (byte)random.NextUInt64();
            buffer.Borrow(piece);
        }
        buffer.Complete();
        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);
        var expected = segments.SelectMany(segment => segment).ToArray();
        _transport.Send(1, buffer);
        var arrived = new byte[expected.Length];
        await peer.GetStream().ReadExactlyAsync(arrived);
        Assert.Null((await _events.Next(LoopEventKind.Sent)).Error);

        Assert.True(arrived.AsSpan().SequenceEqual(expected));
    }

    [Fact]
    public async Task Bytes_are_received_where_they_were_wanted()
    {
        using var peer = await Open();
        var buffer = new byte[10];
        _transport.Receive(1, new ArraySegment<byte>(buffer, 3, 4));
        await peer.GetStream().WriteAsync(new byte[] { 1, 2 });
        Assert.Equal(2, (await _events.Next(LoopEventKind.Received)).Count);
        Assert.Equal(new byte[] { 0, 0, 0, 1, 2, 0, 0, 0, 0, 0 }, buffer);
    }

    [Fact]
    public async Task End_of_the_stream_is_nothing_received()
    {
        using var peer = await Open();
        _transport.Receive(1, new byte[10]);
        peer.Close();
        var end = await _events.Next(LoopEventKind.Received);
        Assert.Equal((0, null), (end.Count, end.Error));
    }

    [Fact]
    public async Task Close_under_a_receive_answers_it_first_and_closed_last()
    {
        using var peer = await Open();
        _transport.Receive(1, new byte[10]);
        _transport.Close(1);
        Assert.NotNull((await _events.Next(LoopEventKind.Received)).Error);
        await _events.Next(LoopEventKind.Closed);
        Assert.True(_events.IsEmpty);
    }

    [Fact]
    public async Task Close_under_a_send_that_nobody_takes_answers_it_first_and_closed_last()
    {
        using var peer = await Open();
        var buffer = new SendBuffer(16);
        buffer.Writer.WriteInt32(1);
        buffer.Borrow(new byte[64 * 1024 * 1024]);
        buffer.Complete();
        _transport.Send(1, buffer);
        _transport.Close(1);
        Assert.NotNull((await _events.Next(LoopEventKind.Sent)).Error);
        await _events.Next(LoopEventKind.Closed);
        Assert.True(_events.IsEmpty);
    }

    [Fact]
    public async Task Connection_that_never_was_is_closed_too()
    {
        _transport.Close(9);
        Assert.Equal(9, (await _events.Next(LoopEventKind.Closed)).Connection);
    }

    [Fact]
    public async Task Disposing_closes_what_is_open()
    {
        using var peer = await Open();
        _transport.Dispose();
        await _events.Next(LoopEventKind.Closed);
        Assert.Equal(0, await peer.GetStream().ReadAsync(new byte[1]));
    }

    private protected async Task<TcpClient> Open()
    {
        _transport.Connect(1, new ConnectTarget("localhost", ((IPEndPoint)_listener.LocalEndpoint).Port, IPAddress.Loopback));
        var peer = await _listener.AcceptTcpClientAsync();
        Assert.Null((await _events.Next(LoopEventKind.Connected)).Error);
        return peer;
    }
}

/// <summary>Each connection waits on a thread of its own.</summary>
public sealed class ThreadConnectionTests() : SocketTransportTests(SocketTransport.DefaultMaxThreads)
{
    [Fact]
    public async Task Connection_whose_thread_is_kept_goes_on_receiving_on_another()
    {
        using var peer = await Open();
        Transport.Receive(1, new byte[10]);
        await peer.GetStream().WriteAsync(new byte[] { 1 });
        var received = await Events.Next(LoopEventKind.Received);
        for (var i = 2; i < 5; i++)
        {
            // Too late, too early or twice: whenever it is asked, each byte is received once.
            ((IThreadLender)received.Payload!).GoOnElsewhere();
            Transport.Receive(1, new byte[10]);
            ((IThreadLender)received.Payload!).GoOnElsewhere();
            await peer.GetStream().WriteAsync(new byte[] { (byte)i });
            Assert.Equal(1, (await Events.Next(LoopEventKind.Received)).Count);
        }
        Transport.Close(1);
        await Events.Next(LoopEventKind.Closed);
        Assert.True(Events.IsEmpty);
    }

    [Fact]
    public async Task Thread_that_is_kept_after_its_turn_does_not_hold_up_the_close()
    {
        using var held = new ManualResetEventSlim();
        using var peer = await Open();
        await ReceiveAndKeep(peer, held);
        Transport.Receive(1, new byte[10]);
        Transport.Close(1);

        Assert.NotNull((await Events.Next(LoopEventKind.Received)).Error);
        await Events.Next(LoopEventKind.Closed);
        held.Set();
    }

    [Fact]
    public async Task Send_while_the_receiving_thread_is_kept_says_that_it_is_wanted_back()
    {
        using var held = new ManualResetEventSlim();
        using var peer = await Open();
        Transport.Send(1, Bytes());
        await Events.Next(LoopEventKind.Sent);
        Assert.Empty(Events.Watched);
        var lender = await ReceiveAndKeep(peer, held);
        Transport.Send(1, Bytes());

        Assert.Same(lender, Assert.Single(Events.Watched));
        held.Set();
    }

    [Fact]
    public async Task Answers_to_what_a_turn_has_sent_are_received_each_once_whether_near_or_far()
    {
        using var peer = await Open();
        Events.OnPost = item =>
        {
            if (item.Kind != LoopEventKind.Received || item.Error is not null)
                return;
            // As a turn does: what it sends is under way before its thread receives again.
            Transport.Send(1, Bytes());
            Transport.Receive(1, new byte[10]);
        };
        Transport.Receive(1, new byte[10]);
        var request = new byte[4];
        for (var i = 0; i < 50; i++)
        {
            await peer.GetStream().WriteAsync(new byte[] { 1 });
            await peer.GetStream().ReadExactlyAsync(request);
            Assert.Equal(1, (await Events.Next(LoopEventKind.Received)).Count);
            await Events.Next(LoopEventKind.Sent);
        }
        Transport.Close(1);
        Assert.NotNull((await Events.Next(LoopEventKind.Received)).Error);
        await Events.Next(LoopEventKind.Closed);
        Assert.True(Events.IsEmpty);
    }

    /// <summary>Receives a byte, and keeps the thread that brought it.</summary>
    async Task<IThreadLender> ReceiveAndKeep(TcpClient peer, ManualResetEventSlim held)
    {
        Events.OnPost = item =>
        {
            if (item.Payload is not IThreadLender lender)
                return;
            lender.OnTurnOver();
            held.Wait(TimeSpan.FromSeconds(60));
        };
        Transport.Receive(1, new byte[10]);
        await peer.GetStream().WriteAsync(new byte[] { 1 });
        return (IThreadLender)(await Events.Next(LoopEventKind.Received)).Payload!;
    }

    static SendBuffer Bytes()
    {
        var buffer = new SendBuffer(16);
        buffer.Writer.WriteInt32(1);
        buffer.Complete();
        return buffer;
    }
}

/// <summary>The runtime's poller waits for all connections.</summary>
public sealed class SocketConnectionTests() : SocketTransportTests(0);
