using CsCheck;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class BoundedQueueTests
{
    /// <summary>Non-negative numbers are put in, negative ones take one out.</summary>
    [Fact]
    public void Queue_does_what_a_plain_queue_does_up_to_its_bound() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[-50, 50].Array[0, 200]).Sample((capacity, steps) =>
        {
            var queue = new BoundedQueue<int>(capacity);
            var model = new Queue<int>();
            foreach (var step in steps)
            {
                if (step >= 0)
                {
                    Assert.Equal(model.Count < capacity, queue.TryEnqueue(step));
                    if (model.Count < capacity)
                        model.Enqueue(step);
                }
                else
                {
                    Assert.Equal(model.TryPeek(out var first), queue.TryPeek(out var peeked));
                    Assert.Equal(first, peeked);
                    Assert.Equal(model.TryDequeue(out var expected), queue.TryDequeue(out var item));
                    Assert.Equal(expected, item);
                }
                Assert.Equal(model.Count, queue.Count);
                Assert.Equal(model.Count == capacity, queue.IsFull);
                Assert.Equal(model, Enumerable.Range(0, queue.Count).Select(i => queue[i]));
            }
        });
}
