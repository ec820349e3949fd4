using System.Net;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>One socket of <see cref="SocketTransport"/>, whichever way it waits; the contract is that of <see cref="ITransport"/>.</summary>
interface ISocketConnection
{
    void Connect(IPEndPoint endpoint);

    void Receive(ArraySegment<byte> buffer);

    void Send(SendBuffer bytes);

    void Close();
}
