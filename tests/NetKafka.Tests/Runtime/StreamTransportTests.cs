using System.IO.Pipelines;
using System.Net;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>Streams of a ConnectCallback: each thing begun is answered once, and closed comes last.</summary>
public sealed class StreamTransportTests
{
    readonly EventLog _events = new();
    readonly Pipe _toClient = new();
    readonly Pipe _toPeer = new();

    [Fact]
    public async Task Callback_gets_the_host_and_port_and_its_stream_is_used()
    {
        DnsEndPoint? asked = null;
        using var transport = Start((endpoint, _) =>
        {
            asked = endpoint;
            return new ValueTask<Stream>(Duplex());
        });
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        Assert.Null((await _events.Next(LoopEventKind.Connected)).Error);
        Assert.Equal(new DnsEndPoint("broker", 9092), asked);

        var buffer = new byte[8];
        transport.Receive(1, new ArraySegment<byte>(buffer, 2, 4));
        await _toClient.Writer.WriteAsync(new byte[] { 7, 8 });
        Assert.Equal(2, (await _events.Next(LoopEventKind.Received)).Count);
        Assert.Equal(new byte[] { 0, 0, 7, 8, 0, 0, 0, 0 }, buffer);
    }

    [Fact]
    public async Task Pieces_arrive_whole_and_in_order()
    {
        using var transport = await Open();
        var send = new SendBuffer(16);
        send.Writer.WriteInt32(1);
        send.Borrow(new byte[] { 9, 9, 9 });
        send.Writer.WriteInt32(2);
        send.Complete();
        transport.Send(1, send);
        Assert.Null((await _events.Next(LoopEventKind.Sent)).Error);
        var read = await _toPeer.Reader.ReadAtLeastAsync(11);

        Assert.Equal(new byte[] { 0, 0, 0, 1, 9, 9, 9, 0, 0, 0, 2 }, System.Buffers.BuffersExtensions.ToArray(read.Buffer));
    }

    [Fact]
    public async Task Callback_that_throws_fails_the_connect()
    {
        using var transport = Start((_, _) => throw new DivideByZeroException());
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        Assert.IsType<DivideByZeroException>((await _events.Next(LoopEventKind.Connected)).Error);
        transport.Close(1);
        await _events.Next(LoopEventKind.Closed);
    }

    [Fact]
    public async Task Callback_without_a_stream_fails_the_connect()
    {
        using var transport = Start((_, _) => new ValueTask<Stream>((Stream)null!));
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        Assert.Contains("no stream", (await _events.Next(LoopEventKind.Connected)).Error!.Message);
    }

    [Fact]
    public async Task Callback_that_never_returns_keeps_no_connection_from_closing()
    {
        var never = new TaskCompletionSource<Stream>();
        var token = new TaskCompletionSource<CancellationToken>();
        using var transport = Start((_, cancellation) =>
        {
            token.SetResult(cancellation);
            return new ValueTask<Stream>(never.Task);
        });
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        var cancellation = await token.Task;
        transport.Close(1);
        Assert.IsType<OperationCanceledException>((await _events.Next(LoopEventKind.Connected)).Error);
        await _events.Next(LoopEventKind.Closed);
        Assert.True(cancellation.IsCancellationRequested);

        var late = new Disposable();
        never.SetResult(late);
        await late.Disposed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(_events.IsEmpty);
    }

    [Fact]
    public async Task Callback_runs_outside_the_call_that_connects()
    {
        using var entered = new ManualResetEventSlim();
        using var transport = Start((_, _) =>
        {
            Assert.True(entered.Wait(TimeSpan.FromSeconds(60)));
            return new ValueTask<Stream>(Duplex());
        });
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        entered.Set();
        Assert.Null((await _events.Next(LoopEventKind.Connected)).Error);
    }

    [Fact]
    public async Task End_of_the_stream_is_nothing_received()
    {
        using var transport = await Open();
        transport.Receive(1, new byte[4]);
        await _toClient.Writer.CompleteAsync();
        var end = await _events.Next(LoopEventKind.Received);
        Assert.Equal((0, null), (end.Count, end.Error));
    }

    [Fact]
    public async Task Close_under_a_receive_answers_it_first_and_closed_last()
    {
        using var transport = await Open();
        transport.Receive(1, new byte[4]);
        transport.Close(1);
        await _events.Next(LoopEventKind.Received);
        await _events.Next(LoopEventKind.Closed);
        Assert.True(_events.IsEmpty);
    }

    [Fact]
    public async Task Stream_that_throws_when_it_is_disposed_is_closed_all_the_same()
    {
        using var transport = Start((_, _) => new ValueTask<Stream>(new Disposable { Error = new IOException("bad end") }));
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        await _events.Next(LoopEventKind.Connected);
        transport.Close(1);
        await _events.Next(LoopEventKind.Closed);
    }

    async Task<StreamTransport> Open()
    {
        var transport = Start((_, _) => new ValueTask<Stream>(Duplex()));
        transport.Connect(1, new ConnectTarget("broker", 9092, null));
        Assert.Null((await _events.Next(LoopEventKind.Connected)).Error);
        return transport;
    }

    StreamTransport Start(Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> connect)
    {
        var transport = new StreamTransport(connect);
        transport.Start(_events);
        return transport;
    }

    PipeStream Duplex() => new(_toClient.Reader.AsStream(), _toPeer.Writer.AsStream());

    sealed class PipeStream(Stream input, Stream output) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);
    }

    sealed class Disposable : MemoryStream
    {
        readonly TaskCompletionSource _disposed = new();

        public Task Disposed => _disposed.Task;

        public Exception? Error { get; init; }

        protected override void Dispose(bool disposing)
        {
            _disposed.TrySetResult();
            if (disposing && Error is not null)
                throw Error;
        }
    }
}
