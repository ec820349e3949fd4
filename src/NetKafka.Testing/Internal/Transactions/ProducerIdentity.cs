namespace NetKafka.Testing.Internal.Transactions;

/// <summary>A producer's id and epoch.</summary>
readonly record struct ProducerIdentity(long Id, short Epoch)
{
    internal static ProducerIdentity None => new(-1, -1);
}
