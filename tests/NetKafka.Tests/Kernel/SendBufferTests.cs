using CsCheck;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class SendBufferTests
{
    /// <summary>Positive lengths are written, negative ones borrowed; a zero takes back what came after half of the bytes.</summary>
    [Fact]
    public void Segments_hold_the_bytes_in_the_order_of_the_wire() =>
        Gen.Int[-60, 60].Array[0, 30].Sample(steps =>
        {
            var buffer = new SendBuffer(16);
            var model = new List<byte>();
            var marks = new Stack<(int Written, int Total)>();
            byte next = 0;
            foreach (var step in steps)
            {
                var bytes = Enumerable.Range(0, Math.Abs(step)).Select(_ => next++).ToArray();
                if (step > 0)
                {
                    marks.Push((buffer.Writer.Length, model.Count));
                    buffer.Writer.WriteRaw(bytes);
                    model.AddRange(bytes);
                }
                else if (step < 0)
                {
                    buffer.Borrow(new ArraySegment<byte>([0xEE, .. bytes, 0xEE], 1, bytes.Length));
                    model.AddRange(bytes);
                }
                else if (marks.TryPop(out var mark))
                {
                    buffer.TruncateTo(mark.Written);
                    model.RemoveRange(mark.Total, model.Count - mark.Total);
                }
            }
            buffer.Complete();

            var segments = new List<ArraySegment<byte>> { new([1, 2, 3]) };
            buffer.CopySegmentsTo(segments);
            Assert.Equal(model, segments.SelectMany(segment => segment));
            Assert.Equal(model.Count, buffer.TotalBytes);
            Assert.DoesNotContain(segments, segment => segment.Count == 0);
            Assert.Equal(model.Count - buffer.Writer.Length, buffer.BorrowedBytes);
        });

    [Fact]
    public void Truncation_keeps_what_was_borrowed_before_the_place()
    {
        var buffer = new SendBuffer(16);
        buffer.Writer.WriteInt32(1);
        buffer.Borrow(new byte[] { 7, 8 });
        var end = buffer.Writer.Length;
        buffer.Writer.WriteInt32(2);
        buffer.Borrow(new byte[] { 9 });
        buffer.TruncateTo(end);
        buffer.Complete();

        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);
        Assert.Equal(new byte[] { 0, 0, 0, 1, 7, 8 }, segments.SelectMany(segment => segment));
        Assert.Equal(6, buffer.TotalBytes);
    }

    [Fact]
    public void Reset_forgets_everything()
    {
        var buffer = new SendBuffer(16);
        buffer.Writer.WriteInt32(1);
        buffer.Borrow(new byte[] { 7 });
        buffer.Complete();
        buffer.Reset();

        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);
        Assert.Empty(segments);
        Assert.True(buffer.IsEmpty);
        Assert.Equal(0, buffer.TotalBytes);
        Assert.Equal(0, buffer.BorrowedBytes);
    }
}
