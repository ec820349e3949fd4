namespace NetKafka.Testing.Internal.Cluster;

static class ListSearch
{
    /// <summary>The first number that passes, or the other value.</summary>
    internal static int Find(this List<int> list, Predicate<int> passes, int otherwise)
    {
        foreach (var item in list)
        {
            if (passes(item))
                return item;
        }

        return otherwise;
    }
}
