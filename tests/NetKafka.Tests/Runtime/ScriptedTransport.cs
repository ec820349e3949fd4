using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>A transport that notes what it is asked and answers closes only.</summary>
sealed class ScriptedTransport : ITransport
{
    public IEventSink Sink { get; private set; } = null!;

    public List<string> Asked { get; } = [];

    public Exception? ConnectError { get; set; }

    public bool AnswersCloses { get; set; } = true;

    public bool IsDisposed { get; private set; }

    public bool ResolvesHosts => true;

    public void Start(IEventSink sink) => Sink = sink;

    public void Resolve(int connection, string host) => Asked.Add($"resolve {host}");

    public void Connect(int connection, ConnectTarget target)
    {
        Asked.Add($"connect {target}");
        if (ConnectError is not null)
            throw ConnectError;
    }

    public void Receive(int connection, ArraySegment<byte> buffer) => Asked.Add("receive");

    public void Send(int connection, SendBuffer bytes) => Asked.Add("send");

    public void Close(int connection)
    {
        Asked.Add("close");
        if (AnswersCloses)
            Sink.Post(new LoopEvent(LoopEventKind.Closed, connection));
    }

    public void Dispose() => IsDisposed = true;
}
