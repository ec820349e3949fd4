using System.Buffers.Binary;
using System.Net;
using NetKafka.Protocol;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>The smallest client: one request after another over a stream.</summary>
sealed class WireClient(Stream stream) : IAsyncDisposable
{
    int correlation;

    internal Stream Stream { get; } = stream;

    internal static async Task<WireClient> ConnectAsync(EmbeddedKafka kafka)
    {
        var address = kafka.BootstrapServers.Split(',')[0].Split(':');
        return new WireClient(await kafka.ConnectAsync(new DnsEndPoint(address[0], int.Parse(address[1])), default));
    }

    internal async ValueTask<TResponse> AskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        await SendAsync(request, version);
        return await TakeAsync(request, version);
    }

    internal ValueTask SendAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(++correlation);
        writer.WriteNullableString("tests", "ClientId");
        if (TRequest.RequestHeaderVersion(version) >= 2)
            writer.WriteUnsignedVarint(0);
        request.Write(writer, version);
        writer.PatchInt32(0, writer.Length - 4);
        return Stream.WriteAsync(writer.WrittenSpan.ToArray());
    }

    internal async ValueTask<TResponse> TakeAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        var length = new byte[4];
        await Stream.ReadExactlyAsync(length);
        var frame = new byte[4 + BinaryPrimitives.ReadInt32BigEndian(length)];
        length.CopyTo(frame, 0);
        await Stream.ReadExactlyAsync(frame.AsMemory(4));
        return MachineDriver.Decode<TRequest, TResponse>(frame, version);
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
