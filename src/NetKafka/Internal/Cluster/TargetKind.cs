namespace NetKafka.Internal.Cluster;

/// <summary>How the broker of a request is chosen.</summary>
enum TargetKind
{
    AnyBroker,
    Broker,
    Controller,
    Coordinator,
}
