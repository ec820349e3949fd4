using CsCheck;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Connections;

public sealed class FrameReceiverTests
{
    const int Cap = 1024 * 1024;

    /// <summary>Frames of the given sizes arrive in pieces of the given sizes, over and over.</summary>
    [Fact]
    public void Frames_come_out_whole_however_they_are_cut() =>
        Gen.Select(
            Gen.OneOf(Gen.Int[0, 40], Gen.Int[16_300, 16_450], Gen.Int[60_000, 70_000], Gen.Int[0, 300_000]).Array[1, 6],
            Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 100_000]).Array[1, 8],
            Gen.OneOf(Gen.Const(0), Gen.Const(65_000), Gen.Const(400_000))).Sample((bodies, cuts, expectedBytes) =>
        {
            var frames = bodies.Select((length, i) => Enumerable.Range(i, length).Select(n => (byte)n).ToArray()).ToArray();
            var stream = frames.SelectMany((body, i) => ConnectionRig.Frame(i, body)).ToArray();
            var pool = new SlabPool(1 << 22);
            var receiver = new FrameReceiver(pool, Cap);
            var taken = 0;
            for (int at = 0, piece = 0; at < stream.Length; piece++)
            {
                var room = receiver.NextBuffer();
                Assert.NotEqual(0, room.Count);
                var count = Math.Min(Math.Min(cuts[piece % cuts.Length], room.Count), stream.Length - at);
                stream.AsSpan(at, count).CopyTo(room);
                at += count;
                receiver.Advance(count);
                while (receiver.TryTakeFrame(expectedBytes, out var frame, out var lease))
                {
                    Assert.Equal(ConnectionRig.Frame(taken, frames[taken]).AsSpan(4), frame.Span);
                    taken++;
                    lease?.Release();
                }
            }
            Assert.Equal(frames.Length, taken);
            Assert.Equal(0, pool.RentedCount);
        }, iter: 60);

    [Fact]
    public void Frames_come_out_whole_byte_by_byte()
    {
        var receiver = new FrameReceiver(new SlabPool(1 << 20), Cap);
        byte[] stream = [.. ConnectionRig.Frame(1), .. ConnectionRig.Frame(2, 5), .. ConnectionRig.Frame(3, new byte[20_000])];
        var sizes = new List<int>();
        foreach (var value in stream)
        {
            receiver.NextBuffer()[0] = value;
            receiver.Advance(1);
            while (receiver.TryTakeFrame(0, out var frame, out var lease))
            {
                sizes.Add(frame.Length);
                lease?.Release();
            }
        }
        Assert.Equal([4, 5, 20_004], sizes);
    }

    [Fact]
    public void Answer_no_larger_than_expected_is_received_in_one_piece()
    {
        var receiver = Begin(size: 900_000, expectedBytes: 900_000, out var pool);

        Assert.Equal(900_000, receiver.NextBuffer().Count);
        Assert.Equal(1, pool.RentedCount);
    }

    [Fact]
    public void Nothing_is_allocated_from_a_size_alone()
    {
        var receiver = Begin(size: Cap, expectedBytes: 900_000, out _);
        long received = 0;
        while (received < Cap)
        {
            var room = receiver.NextBuffer();
            Assert.InRange(room.Count, 1, Math.Max(64 * 1024, received));
            receiver.Advance(room.Count);
            received += room.Count;
        }
        Assert.True(receiver.TryTakeFrame(900_000, out var frame, out var lease));
        Assert.Equal(Cap, frame.Length);
        lease!.Release();
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request", "HTTP server")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002", "TLS record")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000", "TLS record")]
    [InlineData("\u0000\u0010\u0000\u0001", "MaxResponseBytes (1048576)")]
    [InlineData("\u0000\u0000\u0000\u0003", "does not speak Kafka")]
    [InlineData("\u0000\u0000\u0000\u0000", "does not speak Kafka")]
    public void Bad_size_is_named_for_what_it_is(string bytes, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Take([.. bytes.Select(c => (byte)c)])).Message);

    [Fact]
    public void Negative_size_is_an_error() =>
        Assert.Contains("a size of -1 bytes", Assert.Throws<InvalidDataException>(() => Take([255, 255, 255, 255])).Message);

    [Fact]
    public void Reset_gives_the_buffer_of_a_half_received_frame_back()
    {
        var receiver = Begin(size: 100_000, expectedBytes: 0, out var pool);
        Assert.Equal(1, pool.RentedCount);
        receiver.Reset();
        Assert.Equal(0, pool.RentedCount);
        Assert.Equal(16 * 1024, receiver.NextBuffer().Count);
    }

    /// <summary>Only the size has arrived.</summary>
    static FrameReceiver Begin(int size, int expectedBytes, out SlabPool pool)
    {
        pool = new SlabPool(1 << 22);
        var receiver = new FrameReceiver(pool, Cap);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(receiver.NextBuffer(), size);
        receiver.Advance(4);
        Assert.False(receiver.TryTakeFrame(expectedBytes, out _, out _));
        return receiver;
    }

    static void Take(byte[] bytes)
    {
        var receiver = new FrameReceiver(new SlabPool(1 << 20), Cap);
        bytes.CopyTo(receiver.NextBuffer().AsSpan());
        receiver.Advance(bytes.Length);
        receiver.TryTakeFrame(0, out _, out _);
    }
}
