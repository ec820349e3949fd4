using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// P20: the numbers of a producer begin at 0 with each epoch, in each partition (KAFKA-12152). What is looked at is what clients
/// send, whether it comes to a broker or not. A batch that was given up while its request waited, with others behind it, leaves
/// a gap that may by chance be as long as the numbers of the epoch before; so more than one such gap shows it.
/// </summary>
sealed class SequenceChecker(ClusterState cluster, Violations violations)
{
    const int TooMany = 3;

    readonly Dictionary<(string Topic, int Partition, long ProducerId), (short Epoch, int Next)> _numbers = [];
    int _continued;

    /// <param name="requests">Whole requests, each behind its size.</param>
    public void OnSend(ReadOnlySpan<byte> requests)
    {
        while (requests.Length >= sizeof(int) && BinaryPrimitives.ReadInt32BigEndian(requests) is > 0 and var size && size <= requests.Length - sizeof(int))
        {
            OnRequest(requests.Slice(sizeof(int), size));
            requests = requests[(sizeof(int) + size)..];
        }
    }

    void OnRequest(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 2 * sizeof(short) || (ApiKey)BinaryPrimitives.ReadInt16BigEndian(frame) != ApiKey.Produce)
            return;
        try
        {
            Read(frame);
        }
        catch (MalformedMessageException)
        {
            // The broker says so too, if it ever comes there.
        }
    }

    void Read(ReadOnlySpan<byte> frame)
    {
        var version = BinaryPrimitives.ReadInt16BigEndian(frame[sizeof(short)..]);
        foreach (var topic in RequestBody.Read<ProduceRequest, ProduceResponse>(frame.ToArray(), version).TopicData)
        {
            foreach (var partition in topic.PartitionData)
                Check(cluster.FindTopic(topic.TopicId)?.Name ?? topic.Name, partition.Index, (partition.Records ?? default).Span);
        }
    }

    void Check(string topic, int partition, ReadOnlySpan<byte> batch)
    {
        if (batch.Length < BatchHeader.Size || new BatchHeader(batch) is not { HasProducerId: true } header)
            return;
        var key = (topic, partition, header.ProducerId);
        var (epoch, next) = _numbers.GetValueOrDefault(key);
        if (header.ProducerEpoch > epoch && next > 0 && header.BaseSequence == next && ++_continued == TooMany)
            violations.Add("P20 an epoch begins at 0",
                $"producer {header.ProducerId} goes on with sequence {next} of {topic}-{partition} under epoch {header.ProducerEpoch}, and that {TooMany} times");
        _numbers[key] = header.ProducerEpoch == epoch ? (epoch, Math.Max(next, header.BaseSequence + header.RecordCount))
            : header.ProducerEpoch > epoch ? (header.ProducerEpoch, header.BaseSequence + header.RecordCount) : (epoch, next);
    }
}
