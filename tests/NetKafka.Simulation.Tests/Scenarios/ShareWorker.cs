using NetKafka.Consuming;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// A process that works as a member of a share group: record by record, batch by batch or many at a time, with a word for each or without. It
/// comes at some moment; it stays to the end, leaves in order, or dies.
/// </summary>
sealed class ShareWorker(SimWorld world, ShareHistory history, string name, bool staysToTheEnd) : MortalProcess(world, name)
{
    int _way;
    bool _isExplicit;
    int _percentOfPauses;

    public async Task RunAsync()
    {
        (_way, _isExplicit, _percentOfPauses) = (Random.Next(3), Random.Next(2) == 0, Random.Next(3) * 15);
        // A runner says of each record what its handler has made of it.
        _isExplicit &= _way != 2;
        await World.Pause(TimeSpan.FromTicks((long)(World.ChaosTicks * Random.NextDouble() * (staysToTheEnd ? 0.3 : 1))));
        var client = World.CreateClient(Name, GroupMemberSettings.LearnSoon);
        var consumer = client.CreateShareConsumer<byte[]?, ReadOnlyMemory<byte>>(DrawOptions());
        var ending = EndSomeTimeAsync();
        while (!Leaving.IsCancellationRequested)
            await WorkAsync(consumer);
        await Buried;
        await consumer.DisposeAsync();
        if (!IsDead)
            history.CheckTold(Name);
        await client.DisposeAsync();
        await ending;
    }

    async Task EndSomeTimeAsync()
    {
        if (staysToTheEnd || Random.Next(4) == 0)
            return;
        await World.Pause(TimeSpan.FromTicks((long)(World.ChaosTicks * Random.NextDouble())));
        if (Leaving.IsCancellationRequested)
            return;
        if (Random.Next(3) == 0)
            Kill();
        else
            Leave();
    }

    async Task WorkAsync(ShareConsumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        try
        {
            if (_way == 2)
                await consumer.ProcessAsync((record, _) => HandleAsync(record), new ShareProcessingOptions { MaxConcurrency = 1 + Random.Next(8) }, Leaving);
            else if (_way == 1)
                await ReadBatchesAsync(consumer);
            else
                await ReadRecordsAsync(consumer);
        }
        catch (OperationCanceledException)
        {
        }
        catch (KafkaException error) when (!error.IsFatal)
        {
            World.Tell($"{Name} begins a new loop after {error.Message}");
            await World.Pause(TimeSpan.FromMilliseconds(50));
        }
    }

    async Task ReadRecordsAsync(ShareConsumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        await using var records = consumer.ReadAllAsync(Leaving).GetAsyncEnumerator(CancellationToken.None);
        while (await records.MoveNextAsync())
        {
            var record = records.Current;
            Take(record);
            await PauseAsync();
            if (IsDead)
                return;
            var isLeft = Leaving.IsCancellationRequested || Random.Next(100) == 0;
            Say(consumer, record, isLeft);
            if (isLeft)
                return;
            if (Random.Next(30) == 0)
                await CommitAsync(consumer);
        }
    }

    async Task ReadBatchesAsync(ShareConsumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        await using var batches = consumer.ReadBatchesAsync(Leaving).GetAsyncEnumerator(CancellationToken.None);
        while (await batches.MoveNextAsync())
        {
            var batch = batches.Current;
            foreach (var record in batch)
                Take(record);
            await PauseAsync();
            if (IsDead)
                return;
            var isLeft = Leaving.IsCancellationRequested || Random.Next(30) == 0;
            foreach (var record in batch)
                Say(consumer, record, isLeft);
            if (isLeft)
                return;
        }
    }

    async ValueTask HandleAsync(ShareRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        Take(record);
        await PauseAsync();
        if (IsDead)
            throw new InvalidOperationException("the process is dead");
        if (Random.Next(20) == 0)
        {
            Say(record, AcknowledgeType.Release);
            throw new InvalidOperationException("the handler fails");
        }
        Say(record, AcknowledgeType.Accept);
    }

    async Task CommitAsync(ShareConsumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        try
        {
            await consumer.CommitAsync(Leaving);
        }
        catch (KafkaException error)
        {
            World.Tell($"{Name} is told of a commit: {error.Message}");
        }
    }

    /// <summary>The application's word, or what its loop says by going on or by being left.</summary>
    void Say(ShareConsumer<byte[]?, ReadOnlyMemory<byte>> consumer, in ShareRecord<byte[]?, ReadOnlyMemory<byte>> record, bool isLeft)
    {
        var type = !_isExplicit ? isLeft ? AcknowledgeType.Release : AcknowledgeType.Accept : Random.Next(20) switch
        {
            0 => AcknowledgeType.Reject,
            1 or 2 => AcknowledgeType.Release,
            _ => AcknowledgeType.Accept,
        };
        Say(record, type);
        if (_isExplicit)
            consumer.Acknowledge(record, type);
    }

    void Say(in ShareRecord<byte[]?, ReadOnlyMemory<byte>> record, AcknowledgeType type) => history.Say(Name, record.Partition, record.Offset, type);

    void Take(in ShareRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        var id = SentRecord.IdOf(record.Value.Span);
        World.Scheduler.Story?.Add(World.Scheduler.Now, $"{Name} works on {record}, record {id}, delivery {record.DeliveryCount}");
        history.Deliver(Name, record.Partition, record.Offset, record.DeliveryCount);
        if ((uint)id >= (uint)World.History.Sent.Count || !World.History.Sent[id].HasValue(record.Value.Span))
            World.Violations.Add("P2 no phantom", $"{Name} was given other bytes at {record} than were sent");
    }

    async ValueTask PauseAsync()
    {
        if (Random.Next(100) < _percentOfPauses)
            await World.Pause(TimeSpan.FromMilliseconds(Random.Next(Random.Next(20) == 0 ? 2_500 : 30)));
    }

    ShareConsumerOptions DrawOptions() => new()
    {
        GroupId = ShareScenario.GroupId,
        Topics = [ConsumeScenario.Topic],
        AcknowledgementMode = _isExplicit ? ShareAcknowledgementMode.Explicit : ShareAcknowledgementMode.Implicit,
        AcquireMode = Random.Next(2) == 0 ? ShareAcquireMode.RecordLimit : ShareAcquireMode.BatchOptimized,
        MaxPollRecords = 1 + Random.Next(Random.Next(2) == 0 ? 10 : 200),
        FetchMaxWait = TimeSpan.FromMilliseconds(Random.Next(500)),
        FetchMaxBytes = Random.Next(3) == 0 ? 1_024 : 50 * 1024 * 1024,
        DefaultApiTimeout = TimeSpan.FromSeconds(20),
        CloseTimeout = TimeSpan.FromSeconds(20),
        OnAcknowledged = Hear,
    };

    void Hear(IReadOnlyList<ShareAcknowledgement> results)
    {
        foreach (var result in results)
        {
            World.Scheduler.Story?.Add(World.Scheduler.Now, $"{Name} is told of {result.TopicPartition}: {string.Join(", ", result.Offsets)} {(result.Error is { } error ? error.Message : result.IsRenewal ? "are renewed" : "are committed")}");
            // Whose lock was renewed is told of again.
            if (IsDead || result is { IsRenewal: true, IsCommitted: true })
                continue;
            foreach (var offset in result.Offsets)
                history.Tell(Name, result.TopicPartition.Partition, offset, result.IsCommitted);
        }
    }
}
