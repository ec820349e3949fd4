using System.Buffers.Binary;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;

namespace NetKafka.Load.Rows;

/// <summary>Produces at fixed times, and reads in the same process what arrives: from the intended time to the reader.</summary>
static class EndToEndLoop
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(IPeer peer, LoadSettings settings, Meter meter, LatencyHistogram histogram)
    {
        using var stop = new CancellationTokenSource();
        // What continues here must not run inside the reader.
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = Task.Run(() => peer.ListenAsync(settings, OnValue, ready, stop.Token));
        await ready.Task.WaitAsync(Patience);
        await using var sender = await peer.OpenSenderAsync(settings);
        // Until the first ones are heard: a position at the end of the topic is taken some time after the assignment.
        while (!heard.Task.IsCompleted && !listening.IsCompleted)
        {
            await sender.SendAsync(new byte[settings.ValueBytes]);
            await Task.WhenAny(heard.Task, Task.Delay(10));
        }
        var uncounted = new Ticket(new Meter(), new LatencyHistogram());
        var pacer = new Pacer(settings.Rate);
        for (var i = 0L; !meter.IsDone; i++)
        {
            // The client may keep a value until it is acknowledged, so each message has one of its own.
            var value = new byte[settings.ValueBytes];
            var intended = await pacer.WaitAsync(i);
            BinaryPrimitives.WriteInt64BigEndian(value, intended);
            await sender.PostAsync(value, uncounted);
            meter.Accept(1);
        }
        await stop.CancelAsync();
        await listening;

        void OnValue(ReadOnlySpan<byte> value)
        {
            heard.TrySetResult();
            var intended = BinaryPrimitives.ReadInt64BigEndian(value);
            if (intended == 0)
                return;
            histogram.RecordSince(intended);
            meter.Add(1);
        }
    }
}
