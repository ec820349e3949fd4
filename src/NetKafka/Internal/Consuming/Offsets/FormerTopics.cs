#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>
/// Tells topics of one name apart by their ids. Ids are not used again, so one that another has followed is mostly the word of a broker that
/// lags behind; but the other may have been that.
/// </summary>
sealed class FormerTopics
{
    const int MostRemembered = 100;

    readonly Queue<Guid> _former = new();

    /// <summary>Whether another topic of its name has followed.</summary>
    public bool IsFormer(Guid id) => _former.Contains(id);

    /// <summary>
    /// Whether a partition is of another topic by now than the one in whose log its position is. That one which was followed before has come
    /// back counts only where nothing was fetched of the one that followed.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="id">The id of the topic that has its name; empty where it is not known.</param>
    public bool IsAnother(AssignedPartition partition, Guid id)
    {
        if (id == Guid.Empty)
            return false;
        if (partition.TopicId == Guid.Empty)
            partition.TopicId = id;
        if (id == partition.TopicId || (_former.Contains(id) && partition.FetchedTopicId == partition.TopicId))
            return false;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.NewTopicIsReadWhereTheOldWas))
        {
            partition.TopicId = id;
            return false;
        }
#endif
        if (!_former.Contains(partition.TopicId))
            _former.Enqueue(partition.TopicId);
        if (_former.Count > MostRemembered)
            _former.Dequeue();
        return true;
    }
}
