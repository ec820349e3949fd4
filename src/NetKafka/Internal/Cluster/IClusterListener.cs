namespace NetKafka.Internal.Cluster;

/// <summary>Who wants to know of new views of the cluster.</summary>
interface IClusterListener
{
    /// <summary>A new view has taken the place of the old one. Called inside the turn; state changes and wake-ups only.</summary>
    void OnClusterChanged(ClusterView view);
}
