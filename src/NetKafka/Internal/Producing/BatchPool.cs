namespace NetKafka.Internal.Producing;

/// <summary>Batches for use again, up to a bound. Safe from any thread.</summary>
sealed class BatchPool(IProducerHost host, BufferMemory memory)
{
    const int MaxKept = 4096;

    readonly Lock _gate = new();
    readonly Stack<ProduceBatch> _kept = new();

    public IProducerHost Host { get; } = host;

    public BufferMemory Memory { get; } = memory;

    public ProduceBatch Rent()
    {
        lock (_gate)
        {
            if (_kept.TryPop(out var batch))
                return batch;
        }
        return new ProduceBatch(this);
    }

    public void Return(ProduceBatch batch)
    {
        batch.Reset();
        lock (_gate)
        {
            if (_kept.Count < MaxKept)
                _kept.Push(batch);
        }
    }
}
