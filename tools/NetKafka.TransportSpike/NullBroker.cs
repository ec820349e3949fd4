using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.TransportSpike;

/// <summary>A peer that answers as soon as the last byte of a request is here, and does nothing with it.</summary>
sealed class NullBroker
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public int Port { get; private set; }

    public void Start()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        new Thread(Accept) { IsBackground = true }.Start();
    }

    void Accept()
    {
        while (true)
        {
            var socket = _listener.AcceptSocket();
            socket.NoDelay = true;
            new Thread(() => Serve(socket)) { IsBackground = true }.Start();
        }
    }

    void Serve(Socket socket)
    {
        var input = new byte[2 * 1024 * 1024];
        var output = new KafkaWriter(4096);
        var filled = 0;
        try
        {
            while (true)
            {
                var count = socket.Receive(input.AsSpan(filled));
                if (count == 0)
                    return;
                filled += count;
                var taken = 0;
                output.Reset();
                while (filled - taken >= 4 && filled - taken >= 4 + BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(taken)))
                {
                    var size = BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(taken));
                    Answer(input.AsSpan(taken + 4, size), output);
                    taken += 4 + size;
                }
                input.AsSpan(taken, filled - taken).CopyTo(input);
                filled -= taken;
                for (var rest = output.WrittenSpan; rest.Length > 0;)
                    rest = rest[socket.Send(rest)..];
            }
        }
        catch (SocketException)
        {
            // The client has gone.
        }
        finally
        {
            socket.Dispose();
        }
    }

    void Answer(ReadOnlySpan<byte> request, KafkaWriter output)
    {
        var api = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(request);
        var version = BinaryPrimitives.ReadInt16BigEndian(request[2..]);
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(request[4..]);
        switch (api)
        {
            case ApiKey.ApiVersions:
                ResponseFrame.Write(output, Versions(), version, ApiVersionsRequest.ResponseHeaderVersion(version), correlationId);
                break;
            case ApiKey.Metadata:
                ResponseFrame.Write(output, Metadata(), version, MetadataRequest.ResponseHeaderVersion(version), correlationId);
                break;
            default:
                output.WriteInt32(12);
                output.WriteInt32(correlationId);
                output.WriteInt64(0);
                break;
        }
    }

    static ApiVersionsResponse Versions() => new()
    {
        ApiKeys =
        [
            new() { ApiKey = (short)ApiKey.Produce, MinVersion = 0, MaxVersion = LoadRequest.Version },
            new() { ApiKey = (short)ApiKey.Metadata, MinVersion = 0, MaxVersion = 12 },
            new() { ApiKey = (short)ApiKey.ApiVersions, MinVersion = 0, MaxVersion = 4 },
        ],
    };

    MetadataResponse Metadata() => new()
    {
        ControllerId = 1,
        Brokers = [new() { NodeId = 1, Host = "127.0.0.1", Port = Port }],
        Topics =
        [
            new()
            {
                Name = Pump.Topic,
                Partitions = [new() { PartitionIndex = 0, LeaderId = 1, LeaderEpoch = 0, ReplicaNodes = [1], IsrNodes = [1] }],
            },
        ],
    };
}
