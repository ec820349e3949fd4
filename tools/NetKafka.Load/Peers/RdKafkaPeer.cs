using System.Globalization;
using System.Runtime.InteropServices;
using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Peers;

/// <summary>
/// librdkafka without a binding, as a program in C uses it: the topic by its handle, the payload copied (as every other
/// client does), reports polled by the thread that produces; messages read by the batch. Producing with callbacks and
/// reading only.
/// </summary>
sealed unsafe class RdKafkaPeer : IPeer
{
    const int PollEvery = 1000;
    const int MostAtOnce = 1000;
    const int WaitMillis = 100;
    const long Beginning = -2;

    // The C callback has no other place to count in. There is one run in a process.
    static long s_delivered;
    static int s_error;

    public string Name => "librdkafka";

    public string Version => RdKafka.Version;

    public Task FireAsync(LoadSettings settings, Meter meter) => Task.Run(() => Fire(settings, meter));

    public Task AwaitAsync(LoadSettings settings, Meter meter) => throw Missing();

    public Task ConsumeAsync(LoadSettings settings, Meter meter) =>
        settings.Style == ReadStyle.Fastest ? Task.Run(() => Consume(settings, meter)) : throw Missing();

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

    static void Consume(LoadSettings settings, Meter meter)
    {
        var client = RdKafka.CreateConsumer(ConsumerSettings(settings));
        RdKafka.Assign(client, settings.Topic, settings.Partitions, Beginning);
        var queue = RdKafka.ConsumerQueue(client);
        var messages = stackalloc RdKafka.Message*[MostAtOnce];
        var bytes = 0L;
        while (!meter.IsDone)
        {
            var count = (int)RdKafka.ConsumeBatch(queue, WaitMillis, messages, MostAtOnce);
            for (var i = 0; i < count; i++)
            {
                if (messages[i]->Error != 0)
                    meter.Fail(new InvalidOperationException($"Reading failed with error {messages[i]->Error} of librdkafka."));
                bytes += messages[i]->Length;
                RdKafka.MessageDestroy(messages[i]);
            }
            meter.Add(Math.Max(count, 0));
        }
        meter.CheckBytes(bytes, settings.ValueBytes);
        RdKafka.QueueDestroy(queue);
        RdKafka.ConsumerClose(client);
        RdKafka.Destroy(client);
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

    static (string, string)[] ConsumerSettings(LoadSettings settings) =>
    [
        ("bootstrap.servers", settings.Bootstrap),
        ("group.id", "load"),
        ("enable.auto.commit", "false"),
        ("enable.partition.eof", "false"),
        ("fetch.min.bytes", "1"),
        ("fetch.wait.max.ms", "500"),
        ("fetch.max.bytes", "52428800"),
        ("max.partition.fetch.bytes", "1048576"),
        ("check.crcs", "true"),
        ("queued.min.messages", "100000"),
        ("queued.max.messages.kbytes", "65536"),
        ("fetch.queue.backoff.ms", "1"),
    ];

    static NotSupportedException Missing() =>
        new("librdkafka stands here for producing with callbacks and for reading; the rest is Confluent.Kafka's.");
}
