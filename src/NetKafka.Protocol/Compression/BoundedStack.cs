namespace NetKafka.Protocol.Compression;

/// <summary>A thread-safe stack of unused instances that takes no more than its bound, and nothing once closed.</summary>
sealed class BoundedStack<T>(int bound)
    where T : class
{
    readonly Lock _lock = new();
    readonly T?[] _items = new T?[bound];
    int _count;
    bool _closed;

    internal T? TryPop()
    {
        lock (_lock)
        {
            if (_count == 0) return null;
            T? item = _items[--_count];
            _items[_count] = null;
            return item;
        }
    }

    internal bool TryPush(T item)
    {
        lock (_lock)
        {
            if (_closed || _count == _items.Length) return false;
            _items[_count++] = item;
            return true;
        }
    }

    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
            while (_count > 0)
            {
                (_items[--_count] as IDisposable)?.Dispose();
                _items[_count] = null;
            }
        }
    }
}
