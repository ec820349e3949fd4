using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>An answer as it came, without its length.</summary>
/// <param name="Api">The API of its request.</param>
/// <param name="Version">The version of its request.</param>
/// <param name="Frame">Its header and body.</param>
sealed record RecordedAnswer(ApiKey Api, short Version, byte[] Frame)
{
    /// <summary>What reading it takes, in bytes.</summary>
    public long MemoryOf<TRequest, TResponse>()
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reader = new KafkaReader(Frame, TRequest.Name, Version);
        ResponseFrame.ReadHeader(ref reader, TRequest.ResponseHeaderVersion(Version));
        var response = TResponse.Read(ref reader, Version);
        var after = GC.GetAllocatedBytesForCurrentThread();
        reader.EnsureEnd();
        GC.KeepAlive(response);
        return after - before;
    }
}
