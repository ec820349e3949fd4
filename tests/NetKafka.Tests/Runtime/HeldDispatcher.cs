using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>A dispatcher that runs nothing before the test says so.</summary>
sealed class HeldDispatcher : IDispatcher
{
    public Queue<Dispatch> Items { get; } = new();

    public Queue<Action> Later { get; } = new();

    public bool IsHome => true;

    public void Queue(Dispatch item) => Items.Enqueue(item);

    public void RunLater(Action work) => Later.Enqueue(work);

    public void RunAll()
    {
        while (Items.TryDequeue(out var item))
            item.Run();
    }
}
