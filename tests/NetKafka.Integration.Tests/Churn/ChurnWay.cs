namespace NetKafka.Integration.Tests.Churn;

/// <summary>How a group shares its partitions.</summary>
public enum ChurnWay
{
    /// <summary>The classic protocol: all is given up before it is shared out anew.</summary>
    Eager,

    /// <summary>The classic protocol: only what moves is given up.</summary>
    Cooperative,

    /// <summary>KIP-848.</summary>
    Consumer,

    /// <summary>The classic protocol, members with lasting ids (KIP-345).</summary>
    Static,

    /// <summary>KIP-848, members with lasting ids.</summary>
    StaticConsumer,
}
