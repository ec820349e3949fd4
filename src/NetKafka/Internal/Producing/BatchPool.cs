namespace NetKafka.Internal.Producing;

/// <summary>Batches for use again, up to a bound. Safe from any thread.</summary>
sealed class BatchPool(IProducerHost host)
{
    const int MaxKept = 1024;

    readonly Lock _gate = new();
    readonly Stack<ProduceBatch> _kept = new();

    public IProducerHost Host { get; } = host;

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
