using System.Runtime.InteropServices;
using System.Text;

namespace NetKafka.Load.Peers;

/// <summary>The few functions of librdkafka that a producer in C calls, in the library that Confluent.Kafka ships.</summary>
static unsafe class RdKafka
{
    public const int FlagCopy = 2;
    public const int QueueFull = -184;

    const int Producer = 0;

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

    /// <summary>rd_kafka_produce(topic, partition, flags, payload, length, key, key length, opaque).</summary>
    public static readonly delegate* unmanaged<nint, int, int, byte*, nint, byte*, nint, nint, int> Produce =
        (delegate* unmanaged<nint, int, int, byte*, nint, byte*, nint, nint, int>)Export("rd_kafka_produce");

    /// <summary>rd_kafka_poll(client, milliseconds).</summary>
    public static readonly delegate* unmanaged<nint, int, int> Poll = (delegate* unmanaged<nint, int, int>)Export("rd_kafka_poll");

    /// <summary>rd_kafka_flush(client, milliseconds).</summary>
    public static readonly delegate* unmanaged<nint, int, int> Flush = (delegate* unmanaged<nint, int, int>)Export("rd_kafka_flush");

    public static readonly delegate* unmanaged<nint, void> TopicDestroy = (delegate* unmanaged<nint, void>)Export("rd_kafka_topic_destroy");

    public static readonly delegate* unmanaged<nint, void> Destroy = (delegate* unmanaged<nint, void>)Export("rd_kafka_destroy");

    public static readonly delegate* unmanaged<int> LastError = (delegate* unmanaged<int>)Export("rd_kafka_last_error");

    static readonly delegate* unmanaged<byte*> VersionText = (delegate* unmanaged<byte*>)Export("rd_kafka_version_str");

    public static string Version => Marshal.PtrToStringUTF8((nint)VersionText()) ?? "";

    /// <summary>A producer whose reports go to a function.</summary>
    public static nint CreateProducer(IEnumerable<(string Name, string Value)> settings, delegate* unmanaged<nint, Message*, nint, void> onDelivery)
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
        ConfSetDelivery(conf, onDelivery);
        var client = New(Producer, conf, error, 512);
        return client != 0 ? client : throw new InvalidOperationException(Marshal.PtrToStringUTF8((nint)error));
    }

    public static nint OpenTopic(nint client, string name)
    {
        fixed (byte* bytes = Text(name))
            return TopicNew(client, bytes, 0);
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
    }
}
