using System.Globalization;
using System.Runtime.InteropServices;
using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Peers;

/// <summary>
/// librdkafka without a binding, as a program in C uses it: the topic by its handle, the payload copied (as every other
/// client does), reports polled by the thread that produces. Producing with callbacks only.
/// </summary>
sealed unsafe class RdKafkaPeer : IPeer
{
    const int PollEvery = 1000;

    // The C callback has no other place to count in. There is one run in a process.
    static long s_delivered;
    static int s_error;

    public string Name => "librdkafka";

    public string Version => RdKafka.Version;

    public Task FireAsync(LoadSettings settings, Meter meter) => Task.Run(() => Fire(settings, meter));

    public Task AwaitAsync(LoadSettings settings, Meter meter) => throw Missing();

    public Task ConsumeAsync(LoadSettings settings, Meter meter) => throw Missing();

    public Task<IPeerSender> OpenSenderAsync(LoadSettings settings) => throw Missing();

    public Task ListenAsync(
        LoadSettings settings, Action<ReadOnlySpan<byte>> onValue, TaskCompletionSource ready, CancellationToken stop) => throw Missing();

    static void Fire(LoadSettings settings, Meter meter)
    {
        var client = RdKafka.CreateProducer(Settings(settings), &OnDelivery);
        var topic = RdKafka.OpenTopic(client, settings.Topic);
        var payloads = Payloads.For(settings.ValueBytes, settings.Codec);
        var handles = Array.ConvertAll(payloads, payload => GCHandle.Alloc(payload, GCHandleType.Pinned));
        var accepted = 0L;
        while (!meter.IsDone)
        {
            var payload = (byte*)handles[accepted % handles.Length].AddrOfPinnedObject();
            if (RdKafka.Produce(topic, -1, RdKafka.FlagCopy, payload, settings.ValueBytes, null, 0, 0) == 0)
            {
                if (++accepted % PollEvery == 0)
                    Poll(client, meter, 0);
            }
            else if (RdKafka.LastError() == RdKafka.QueueFull)
                Poll(client, meter, 10);
            else
                meter.Fail(new InvalidOperationException($"rd_kafka_produce failed with {RdKafka.LastError()}."));
        }
        RdKafka.Flush(client, 60_000);
        Poll(client, meter, 0);
        meter.Accept(accepted);
        RdKafka.TopicDestroy(topic);
        RdKafka.Destroy(client);
        foreach (var handle in handles)
            handle.Free();
    }

    static void Poll(nint client, Meter meter, int milliseconds)
    {
        RdKafka.Poll(client, milliseconds);
        meter.Add(s_delivered);
        s_delivered = 0;
        if (s_error != 0)
            meter.Fail(new InvalidOperationException($"A message failed with error {s_error} of librdkafka."));
    }

    [UnmanagedCallersOnly]
    static void OnDelivery(nint client, RdKafka.Message* message, nint opaque)
    {
        if (message->Error == 0)
            s_delivered++;
        else
            s_error = message->Error;
    }

    static (string, string)[] Settings(LoadSettings settings) =>
    [
        ("bootstrap.servers", settings.Bootstrap),
        ("acks", "all"),
        ("enable.idempotence", "true"),
        ("max.in.flight", "5"),
        ("linger.ms", settings.Linger.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
        ("sticky.partitioning.linger.ms", "10"),
        ("batch.size", settings.BatchBytes.ToString(CultureInfo.InvariantCulture)),
        ("batch.num.messages", "1000000"),
        ("message.max.bytes", Math.Max(1_000_000, settings.ValueBytes + 4096).ToString(CultureInfo.InvariantCulture)),
        ("queue.buffering.max.kbytes", (settings.BufferBytes / 1024).ToString(CultureInfo.InvariantCulture)),
        ("queue.buffering.max.messages", "0"),
        ("compression.codec", settings.Codec.ToString().ToLowerInvariant()),
    ];

    static NotSupportedException Missing() => new("librdkafka stands here for producing with callbacks; the rest is Confluent.Kafka's.");
}
