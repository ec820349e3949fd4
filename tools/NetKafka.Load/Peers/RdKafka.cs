using System.Runtime.InteropServices;
using System.Text;

namespace NetKafka.Load.Peers;

/// <summary>The few functions of librdkafka that a program in C calls, in the library that Confluent.Kafka ships.</summary>
static unsafe class RdKafka
{
    public const int FlagCopy = 2;
    public const int QueueFull = -184;

    const int Producer = 0;
    const int Consumer = 1;

    static readonly nint LibraryHandle = Load();

    static readonly delegate* unmanaged<nint> ConfNew = (delegate* unmanaged<nint>)Export("rd_kafka_conf_new");

    static readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, int> ConfSet =
        (delegate* unmanaged<nint, byte*, byte*, byte*, nint, int>)Export("rd_kafka_conf_set");

    static readonly delegate* unmanaged<nint, delegate* unmanaged<nint, Message*, nint, void>, void> ConfSetDelivery =
        (delegate* unmanaged<nint, delegate* unmanaged<nint, Message*, nint, void>, void>)Export("rd_kafka_conf_set_dr_msg_cb");

    static readonly delegate* unmanaged<int, nint, byte*, nint, nint> New =
        (delegate* unmanaged<int, nint, byte*, nint, nint>)Export("rd_kafka_new");

    static readonly delegate* unmanaged<nint, byte*, nint, nint> TopicNew =
        (delegate* unmanaged<nint, byte*, nint, nint>)Export("rd_kafka_topic_new");

    static readonly delegate* unmanaged<int, nint> ListNew = (delegate* unmanaged<int, nint>)Export("rd_kafka_topic_partition_list_new");

    static readonly delegate* unmanaged<nint, byte*, int, nint> ListAdd =
        (delegate* unmanaged<nint, byte*, int, nint>)Export("rd_kafka_topic_partition_list_add");

    static readonly delegate* unmanaged<nint, byte*, int, long, int> ListSetOffset =
        (delegate* unmanaged<nint, byte*, int, long, int>)Export("rd_kafka_topic_partition_list_set_offset");

    static readonly delegate* unmanaged<nint, void> ListDestroy =
        (delegate* unmanaged<nint, void>)Export("rd_kafka_topic_partition_list_destroy");

    static readonly delegate* unmanaged<nint, nint, int> AssignList = (delegate* unmanaged<nint, nint, int>)Export("rd_kafka_assign");

    /// <summary>rd_kafka_produce(topic, partition, flags, payload, length, key, key length, opaque).</summary>
    public static readonly delegate* unmanaged<nint, int, int, byte*, nint, byte*, nint, nint, int> Produce =
        (delegate* unmanaged<nint, int, int, byte*, nint, byte*, nint, nint, int>)Export("rd_kafka_produce");

    /// <summary>rd_kafka_poll(client, milliseconds).</summary>
    public static readonly delegate* unmanaged<nint, int, int> Poll = (delegate* unmanaged<nint, int, int>)Export("rd_kafka_poll");

    /// <summary>rd_kafka_flush(client, milliseconds).</summary>
    public static readonly delegate* unmanaged<nint, int, int> Flush = (delegate* unmanaged<nint, int, int>)Export("rd_kafka_flush");

    /// <summary>rd_kafka_queue_get_consumer(client): the queue that holds all that the client has fetched.</summary>
    public static readonly delegate* unmanaged<nint, nint> ConsumerQueue =
        (delegate* unmanaged<nint, nint>)Export("rd_kafka_queue_get_consumer");

    /// <summary>rd_kafka_consume_batch_queue(queue, milliseconds, messages, most).</summary>
    public static readonly delegate* unmanaged<nint, int, Message**, nint, nint> ConsumeBatch =
        (delegate* unmanaged<nint, int, Message**, nint, nint>)Export("rd_kafka_consume_batch_queue");

    public static readonly delegate* unmanaged<Message*, void> MessageDestroy =
        (delegate* unmanaged<Message*, void>)Export("rd_kafka_message_destroy");

    public static readonly delegate* unmanaged<nint, void> QueueDestroy = (delegate* unmanaged<nint, void>)Export("rd_kafka_queue_destroy");

    public static readonly delegate* unmanaged<nint, int> ConsumerClose = (delegate* unmanaged<nint, int>)Export("rd_kafka_consumer_close");

    public static readonly delegate* unmanaged<nint, void> TopicDestroy = (delegate* unmanaged<nint, void>)Export("rd_kafka_topic_destroy");

    public static readonly delegate* unmanaged<nint, void> Destroy = (delegate* unmanaged<nint, void>)Export("rd_kafka_destroy");

    public static readonly delegate* unmanaged<int> LastError = (delegate* unmanaged<int>)Export("rd_kafka_last_error");

    static readonly delegate* unmanaged<byte*> VersionText = (delegate* unmanaged<byte*>)Export("rd_kafka_version_str");

    public static string Version => Marshal.PtrToStringUTF8((nint)VersionText()) ?? "";

    /// <summary>A producer whose reports go to a function.</summary>
    public static nint CreateProducer(IEnumerable<(string Name, string Value)> settings, delegate* unmanaged<nint, Message*, nint, void> onDelivery)
    {
        var conf = Configure(settings);
        ConfSetDelivery(conf, onDelivery);
        return Create(Producer, conf);
    }

    public static nint CreateConsumer(IEnumerable<(string Name, string Value)> settings) => Create(Consumer, Configure(settings));

    /// <summary>Gives a consumer the first partitions of a topic, each to be read from an offset.</summary>
    public static void Assign(nint client, string topic, int partitions, long offset)
    {
        var list = ListNew(partitions);
        fixed (byte* name = Text(topic))
        {
            for (var i = 0; i < partitions; i++)
            {
                ListAdd(list, name, i);
                ListSetOffset(list, name, i, offset);
            }
        }
        var error = AssignList(client, list);
        ListDestroy(list);
        if (error != 0)
            throw new InvalidOperationException($"rd_kafka_assign failed with {error}.");
    }

    public static nint OpenTopic(nint client, string name)
    {
        fixed (byte* bytes = Text(name))
            return TopicNew(client, bytes, 0);
    }

    static nint Configure(IEnumerable<(string Name, string Value)> settings)
    {
        var error = stackalloc byte[512];
        var conf = ConfNew();
        foreach (var (name, value) in settings)
        {
            fixed (byte* nameBytes = Text(name), valueBytes = Text(value))
            {
                if (ConfSet(conf, nameBytes, valueBytes, error, 512) != 0)
                    throw new InvalidOperationException(Marshal.PtrToStringUTF8((nint)error));
            }
        }
        return conf;
    }

    static nint Create(int kind, nint conf)
    {
        var error = stackalloc byte[512];
        var client = New(kind, conf, error, 512);
        return client != 0 ? client : throw new InvalidOperationException(Marshal.PtrToStringUTF8((nint)error));
    }

    /// <summary>Confluent.Kafka has a build for each kind of Linux; the one that it chose is the one to compare with.</summary>
    static nint Load()
    {
        Confluent.Kafka.Library.Load();
        var path = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/self/maps").Where(line => line.Contains("librdkafka")).Select(line => line[line.IndexOf('/')..]).FirstOrDefault()
            : null;
        return path is not null ? NativeLibrary.Load(path) : NativeLibrary.Load("librdkafka", typeof(Confluent.Kafka.Library).Assembly, null);
    }

    static nint Export(string name) => NativeLibrary.GetExport(LibraryHandle, name);

    static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    /// <summary>The beginning of rd_kafka_message_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int Error;
        public nint Topic;
        public int Partition;
        public byte* Payload;
        public nint Length;
    }
}
