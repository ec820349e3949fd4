using System.Diagnostics;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;

namespace NetKafka.Load.Rows;

/// <summary>
/// Loops that measure latency. A paced message counts from the moment at which it was due, so that a client that holds up
/// the loop pays for all the messages that it delayed.
/// </summary>
static class TimedLoops
{
    // More than fit into the buffer of any client.
    const int Tickets = 1 << 20;

    // At so many messages a second all that a message needs is compiled within the warm-up.
    const double WarmRate = 500;

    public static async Task RoundTripsAsync(IPeer peer, LoadSettings settings, Meter meter, LatencyHistogram histogram)
    {
        await using var sender = await peer.OpenSenderAsync(settings);
        var value = Payloads.For(settings.ValueBytes, settings.Codec)[0];
        while (!meter.IsDone)
        {
            var start = Stopwatch.GetTimestamp();
            await sender.SendAsync(value);
            histogram.RecordSince(start);
            meter.Add(1);
        }
        meter.Accept(meter.Delivered);
    }

    public static async Task OpenLoopAsync(IPeer peer, LoadSettings settings, Meter meter, LatencyHistogram histogram)
    {
        await using var sender = await peer.OpenSenderAsync(settings);
        var value = Payloads.For(settings.ValueBytes, settings.Codec)[0];
        await sender.SendAsync(value);
        if (settings.Rate < WarmRate)
            await WarmAsync(sender, value, settings.Warm * 0.7, meter);
        var pacer = new Pacer(settings.Rate);
        var open = new HashSet<Task>();
        for (var i = 0L; !meter.IsDone; i++)
        {
            var intended = await pacer.WaitAsync(i);
            var sent = SendAsync(intended);
            meter.Accept(1);
            open.RemoveWhere(static task => task.IsCompleted);
            if (!sent.IsCompleted)
                open.Add(sent);
        }
        await Task.WhenAll(open);

        async Task SendAsync(long intended)
        {
            try
            {
                await sender.SendAsync(value);
                histogram.RecordSince(intended);
                meter.Add(1);
            }
            catch (Exception error)
            {
                meter.Fail(error);
            }
        }
    }

    /// <summary>
    /// Sends faster than will be measured: at a message a second a client would compile for minutes, and that would be what is
    /// measured of it.
    /// </summary>
    static async Task WarmAsync(IPeerSender sender, byte[] value, TimeSpan time, Meter meter)
    {
        meter.Add(1);
        var pacer = new Pacer(WarmRate);
        for (var i = 0L; i < time.TotalSeconds * WarmRate && !meter.IsDone; i++)
        {
            await pacer.WaitAsync(i);
            await sender.SendAsync(value);
            meter.Add(1);
        }
    }

    public static async Task PacedAsync(IPeer peer, LoadSettings settings, Meter meter, LatencyHistogram histogram)
    {
        await using var sender = await peer.OpenSenderAsync(settings);
        var value = Payloads.For(settings.ValueBytes, settings.Codec)[0];
        await sender.SendAsync(value);
        var tickets = new Ticket[Tickets];
        for (var i = 0; i < tickets.Length; i++)
            tickets[i] = new Ticket(meter, histogram);
        var pacer = new Pacer(settings.Rate);
        var accepted = 0L;
        for (; !meter.IsDone; accepted++)
        {
            var ticket = tickets[accepted % Tickets];
            ticket.Intended = await pacer.WaitAsync(accepted);
            await sender.PostAsync(value, ticket);
        }
        meter.Accept(accepted);
    }
}
