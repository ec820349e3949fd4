namespace NetKafka.Load.Broker;

/// <summary>What a broker has taken and given: the only count of deliveries that a client cannot embellish.</summary>
sealed class BrokerCounts
{
    long _produceRequests, _produceBatches, _produceRecords, _produceBytes, _fetches, _fetchedRecords, _faults;

    public BrokerTotals Totals => new(
        Volatile.Read(ref _produceRequests), Volatile.Read(ref _produceBatches), Volatile.Read(ref _produceRecords),
        Volatile.Read(ref _produceBytes), Volatile.Read(ref _fetches), Volatile.Read(ref _fetchedRecords), Volatile.Read(ref _faults));

    public void Produced(int batches, long records, long bytes)
    {
        Interlocked.Increment(ref _produceRequests);
        Interlocked.Add(ref _produceBatches, batches);
        Interlocked.Add(ref _produceRecords, records);
        Interlocked.Add(ref _produceBytes, bytes);
    }

    public void Fetched(long records)
    {
        Interlocked.Increment(ref _fetches);
        Interlocked.Add(ref _fetchedRecords, records);
    }

    /// <summary>A batch was damaged, doubled or out of order.</summary>
    public void Fault(string what)
    {
        if (Interlocked.Increment(ref _faults) <= 10)
            Console.Error.WriteLine("fault: " + what);
    }
}
