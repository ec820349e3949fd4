using System.Runtime.InteropServices;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>Writes a Fetch request straight from its plan.</summary>
static class FetchEncoder
{
    public const short FirstVersionWithTopicIds = 13;

    const short FirstVersionWithSessions = 7;
    const short FirstFlexibleVersion = 12;

    public static void Write(KafkaWriter writer, FetchPlan plan, short version)
    {
        writer.BeginMessage("FetchRequest", version, 4, 18);
        if (version <= 14)
            writer.WriteInt32(-1);
        writer.WriteInt32(plan.MaxWaitMs);
        writer.WriteInt32(plan.MinBytes);
        writer.WriteInt32(plan.MaxBytes);
        writer.WriteInt8((sbyte)plan.Isolation);
        if (version >= FirstVersionWithSessions)
        {
            writer.WriteInt32(plan.SessionId);
            writer.WriteInt32(plan.SessionEpoch);
        }
        var isIncremental = version >= FirstVersionWithSessions && plan.SessionEpoch > 0;
        WriteTargets(writer, isIncremental ? plan.Changed : plan.All, version, isForgetting: false);
        if (version >= FirstVersionWithSessions)
            WriteTargets(writer, plan.Forgotten, version, isForgetting: true);
        if (version >= 11)
            WriteString(writer, plan.Rack, version, "RackId");
        WriteNoTags(writer, version);
    }

    static void WriteTargets(KafkaWriter writer, List<FetchTarget> targets, short version, bool isForgetting)
    {
        var all = CollectionsMarshal.AsSpan(targets);
        var topics = 0;
        for (var at = 0; at < all.Length; at += TopicLength(all[at..]))
            topics++;
        WriteCount(writer, topics, version);
        for (var at = 0; at < all.Length;)
        {
            var length = TopicLength(all[at..]);
            if (version >= FirstVersionWithTopicIds)
                writer.WriteUuid(all[at].TopicId);
            else
                WriteString(writer, all[at].Partition.Topic, version, "Topic");
            WriteCount(writer, length, version);
            foreach (ref readonly var target in all.Slice(at, length))
            {
                writer.WriteInt32(target.Partition.Partition);
                if (!isForgetting)
                    WritePartition(writer, target, version);
            }
            WriteNoTags(writer, version);
            at += length;
        }
    }

    static void WritePartition(KafkaWriter writer, in FetchTarget target, short version)
    {
        if (version >= 9)
            writer.WriteInt32(target.LeaderEpoch);
        writer.WriteInt64(target.Offset);
        // Last fetched epoch and log start offset are followers' business.
        if (version >= 12)
            writer.WriteInt32(-1);
        if (version >= 5)
            writer.WriteInt64(-1);
        writer.WriteInt32(target.MaxBytes);
        WriteNoTags(writer, version);
    }

    /// <summary>How many of the first targets belong to one topic.</summary>
    static int TopicLength(ReadOnlySpan<FetchTarget> targets)
    {
        var length = 1;
        while (length < targets.Length && targets[length].TopicId == targets[0].TopicId && targets[length].Partition.Topic == targets[0].Partition.Topic)
            length++;
        return length;
    }

    static void WriteCount(KafkaWriter writer, int count, short version)
    {
        if (version >= FirstFlexibleVersion)
            writer.WriteUnsignedVarint((uint)count + 1);
        else
            writer.WriteInt32(count);
    }

    static void WriteString(KafkaWriter writer, string value, short version, string field)
    {
        if (version >= FirstFlexibleVersion)
            writer.WriteCompactString(value, field);
        else
            writer.WriteString(value, field);
    }

    static void WriteNoTags(KafkaWriter writer, short version)
    {
        if (version >= FirstFlexibleVersion)
            writer.WriteUnsignedVarint(0);
    }
}
