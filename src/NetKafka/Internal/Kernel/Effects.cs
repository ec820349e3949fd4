using Microsoft.Extensions.Logging;

namespace NetKafka.Internal.Kernel;

/// <summary>
/// What machines want done, in order: a list that is filled during a turn, carried out by the runtime and used again.
/// Machines only add; the runtime only reads and clears.
/// </summary>
sealed class Effects
{
    readonly List<Effect> _items = [];

    public int Count => _items.Count;

    public Effect this[int index] => _items[index];

    public void Clear() => _items.Clear();

    /// <summary>Look up all addresses of a host. Answered by a resolved event.</summary>
    public void Resolve(int connection, string host) => _items.Add(new Effect(EffectKind.Resolve, connection, host));

    /// <summary>Open a connection. Answered by connected or failed.</summary>
    public void Connect(int connection, ConnectTarget target) => _items.Add(new Effect(EffectKind.Connect, connection, target));

    /// <summary>Read some bytes into <paramref name="buffer"/>, which is lent until the answer: received or failed.</summary>
    public void Receive(int connection, ArraySegment<byte> buffer) =>
        _items.Add(new Effect(EffectKind.Receive, connection, buffer.Array, buffer.Offset, buffer.Count));

    /// <summary>Write all of <paramref name="bytes"/>, which is lent until the answer: sent or failed.</summary>
    public void Send(int connection, SendBuffer bytes) => _items.Add(new Effect(EffectKind.Send, connection, bytes));

    /// <summary>Close a connection. What is under way on it fails first; closed is the last event of a connection.</summary>
    public void Close(int connection) => _items.Add(new Effect(EffectKind.Close, connection, null));

    /// <summary>Run user code: a callback, or the continuation of a call.</summary>
    public void Dispatch(Dispatch item) => _items.Add(new Effect(EffectKind.Dispatch, 0, item));

    /// <summary>Write a line of log. Loggers are user code, so this runs on the dispatcher too.</summary>
    public void Log(Action<ILogger> line) => _items.Add(new Effect(EffectKind.Log, 0, line));
}
