using System.Diagnostics.CodeAnalysis;

namespace NetKafka.Internal.Kernel;

/// <summary>A first-in first-out ring that never grows beyond its bound. One owner at a time.</summary>
sealed class BoundedQueue<T>(int capacity)
{
    readonly T[] _items = new T[capacity];
    int _head;

    public int Count { get; private set; }

    public bool IsFull => Count == _items.Length;

    /// <summary>The item at <paramref name="index"/>, counted from the oldest.</summary>
    public ref T this[int index] => ref _items[(_head + index) % _items.Length];

    public bool TryEnqueue(T item)
    {
        if (IsFull)
            return false;
        _items[(_head + Count) % _items.Length] = item;
        Count++;
        return true;
    }

    public bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        item = Count == 0 ? default : _items[_head];
        return Count > 0;
    }

    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        if (Count == 0)
        {
            item = default;
            return false;
        }
        item = _items[_head];
        _items[_head] = default!;
        _head = (_head + 1) % _items.Length;
        Count--;
        return true;
    }
}
