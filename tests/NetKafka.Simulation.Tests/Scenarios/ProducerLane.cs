using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Records;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// One part of an application that sends records one after another, so that their order counts, in all the ways that a
/// producer offers: awaited, not awaited, with a callback, with a token that gives up.
/// </summary>
sealed class ProducerLane(SimWorld world, Producer<ReadOnlyMemory<byte>?, byte[]> producer, ProducerOptions options, int number)
{
    const int LargeBytes = 700;
    const int SmallBytes = 200;
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    readonly RandomSource _random = world.Chance($"lane {number}");
    readonly List<Task> _outcomes = [];
    bool _isWaiting = true;
    int _pendingCallbacks;
    TaskCompletionSource? _callbacksDone;
    bool _isOver;

    /// <summary>How many records it has sent.</summary>
    public int Sent { get; private set; }

    public required string[] Topics { get; init; }

    public required int Partitions { get; init; }

    /// <summary>Sends records in bursts, spread over a time; ends early where the producer was disposed.</summary>
    public async Task SendManyAsync(int count, long overTicks, bool mustSucceed = false)
    {
        while (count > 0 && !_isOver)
        {
            var burst = Math.Min(count, 1 + _random.Next(16));
            await world.Pause(TimeSpan.FromTicks((long)(overTicks * burst / (double)count * _random.NextDouble())));
            // A quarter of the bursts go to one partition and wait for nothing, so that many batches of it are under way.
            _isWaiting = _random.Next(4) > 0;
            for (var i = 0; i < burst && !_isOver; i++)
                await SendAsync(mustSucceed);
            count -= burst;
            overTicks = (long)(overTicks * 0.9);
            if (_random.Next(16) == 0 && !_isOver)
                await EndAsync(() => producer.FlushAsync());
            if (!mustSucceed && _random.Next(60) == 0 && !_isOver)
                await EndAsync(() => producer.PurgeAsync());
        }
    }

    public async Task WaitForOutcomesAsync()
    {
        await Task.WhenAll(_outcomes);
        if (_pendingCallbacks == 0)
            return;
        _callbacksDone = new TaskCompletionSource();
        await _callbacksDone.Task;
    }

    /// <summary>The producer was disposed: everything that was sent has its outcome.</summary>
    public void CheckEnded()
    {
        foreach (var sent in world.History.Sent)
        {
            if (sent.Producer == number && sent.Outcome == SendOutcome.Pending)
                world.Violations.Add("P21 calls end", $"{sent} has no outcome, and its producer was disposed");
        }
    }

    async Task EndAsync(Func<ValueTask> end)
    {
        try
        {
            await end();
        }
        catch (ObjectDisposedException)
        {
            _isOver = true;
        }
    }

    Task SendAsync(bool mustSucceed)
    {
        Sent++;
        var sent = Begin(mustSucceed);
        var key = sent.KeyBytes();
        var record = new ProducerRecord<ReadOnlyMemory<byte>?, byte[]>(sent.Topic, key is null ? default(ReadOnlyMemory<byte>?) : key, sent.ValueOf())
        {
            Partition = sent.Partition < 0 ? null : sent.Partition,
            Timestamp = _random.Next(2) == 0 ? DateTimeOffset.FromUnixTimeMilliseconds(sent.TimestampMs) : null,
            Headers = sent.HasHeader ? new[] { new Header("trace", new byte[] { 1, 2, 3 }) } : default,
        };
        switch (_random.Next(4))
        {
            case 0:
                return PostAsync(sent, record, key);
            case 1 when _isWaiting:
                return ProduceAsync(sent, record, default);
            case 2 when !mustSucceed && _random.Next(4) == 0:
                return GiveUpAsync(sent, record);
            default:
                _outcomes.Add(ProduceAsync(sent, record, default));
                return Task.CompletedTask;
        }
    }

    SentRecord Begin(bool mustSucceed) => world.History.Add(new SentRecord
    {
        Id = world.History.NextId,
        Producer = number,
        Topic = Topics[_random.Next(4) == 0 && _isWaiting ? _random.Next(Topics.Length) : 0],
        Partition = _random.Next(3) == 0 || !_isWaiting ? 0 : -1,
        Key = _random.Next(2) == 0 ? _random.Next(20) : null,
        ValueBytes = SentRecord.SmallestValue + _random.Next(_random.Next(20) == 0 ? LargeBytes : SmallBytes),
        TimestampMs = world.WallClockMs,
        HasHeader = _random.Next(8) == 0,
        MustSucceed = mustSucceed,
        InvokedTicks = world.Scheduler.Now,
        LatestEndTicks = world.Scheduler.Now + (options.MaxBlock + options.DeliveryTimeout + Slack).Ticks,
    });

    async Task PostAsync(SentRecord sent, ProducerRecord<ReadOnlyMemory<byte>?, byte[]> record, byte[]? key)
    {
        _pendingCallbacks++;
        try
        {
            await producer.PostAsync(record, OnReport, sent);
            // The bytes belong to the caller again.
            record.Value.AsSpan().Fill(0xEE);
            key?.AsSpan().Fill(0xEE);
        }
        catch (Exception error)
        {
            EndCallback();
            End(sent, error);
        }
    }

    void OnReport(DeliveryReport report)
    {
        var sent = (SentRecord)report.State!;
        if (report.Error is { } error)
            End(sent, error);
        else
        {
            sent.Acknowledge(report.Metadata.Partition, report.Metadata.Offset, world.Scheduler.Now);
            world.History.Report(sent);
        }
        Tell(sent);
        EndCallback();
    }

    async Task ProduceAsync(SentRecord sent, ProducerRecord<ReadOnlyMemory<byte>?, byte[]> record, CancellationToken cancellation)
    {
        try
        {
            var metadata = await producer.ProduceAsync(record, cancellation);
            sent.Acknowledge(metadata.Partition, metadata.Offset, world.Scheduler.Now);
        }
        catch (Exception error)
        {
            End(sent, error);
        }
        Tell(sent);
    }

    async Task GiveUpAsync(SentRecord sent, ProducerRecord<ReadOnlyMemory<byte>?, byte[]> record)
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(1 + _random.Next(300)), world.Time);
        await ProduceAsync(sent, record, source.Token);
    }

    void End(SentRecord sent, Exception error)
    {
        _isOver |= error is ObjectDisposedException;
        if (error is KafkaException { Code: ErrorCode.DuplicateSequenceNumber })
            world.Violations.Add("P24 one outcome", $"{sent} failed because it is in the log");
        SendOutcome? outcome = error switch
        {
            ProduceException { Fate: RecordFate.NotWritten } or KafkaAuthorizationException { Fate: RecordFate.NotWritten } => SendOutcome.NotWritten,
            ProduceException or KafkaAuthorizationException { Fate: RecordFate.Unknown } => SendOutcome.Unknown,
            KafkaTimeoutException or ObjectDisposedException => SendOutcome.NotWritten,
            // A token ends the wait, never the record.
            OperationCanceledException => SendOutcome.Unknown,
            _ => null,
        };
        if (outcome is null)
            world.Violations.Add("No defect", $"{sent} ended as {error}");
        sent.End(outcome ?? SendOutcome.Unknown, world.Scheduler.Now, error);
    }

    void EndCallback()
    {
        if (--_pendingCallbacks == 0)
            _callbacksDone?.TrySetResult();
    }

    void Tell(SentRecord sent) => world.Scheduler.Story?.Add(
        world.Scheduler.Now, $"{sent}: {sent.Outcome} {sent.AckedPartition}@{sent.AckedOffset} {sent.Error?.Message}");
}
