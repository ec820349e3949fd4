namespace NetKafka.Protocol.Tests.Messages;

/// <summary>What any frame must end in: a message, or the one typed error, within the memory a frame of its size may cost.</summary>
static class HostileFrame
{
    /// <summary>Reads the frame and checks its cost.</summary>
    /// <returns>The error, or null if the frame was read.</returns>
    public static MalformedMessageException? Judge(MessageCodec codec, short version, byte[] frame)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        MalformedMessageException? malformed = null;
        try
        {
            codec.Read(frame, version);
        }
        catch (MalformedMessageException caught)
        {
            malformed = caught;
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long allowed = (8L * frame.Length) + (1024 * 1024);
        Assert.True(allocated <= allowed, $"{codec.Name} v{version}: {allocated} bytes for a frame of {frame.Length}");
        if (malformed is not null)
        {
            Assert.Equal((codec.Name, version), (malformed.MessageName, malformed.Version));
            Assert.InRange(malformed.Position, 0, frame.Length);
        }
        return malformed;
    }

    public static MalformedMessageException AssertMalformed(MessageCodec codec, short version, byte[] frame)
    {
        MalformedMessageException? malformed = Judge(codec, version, frame);
        Assert.True(malformed is not null, $"{codec.Name} v{version} was read from {Convert.ToHexString(frame)}");
        return malformed;
    }
}
