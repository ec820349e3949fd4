namespace NetKafka.Protocol;

/// <summary>A response in which a broker can ask to be left alone for a while (KIP-219).</summary>
public interface IThrottledResponse
{
    /// <summary>For how long, in ms; 0 where the broker asks for nothing.</summary>
    int ThrottleTimeMs { get; }
}
