namespace NetKafka.Testing.Internal.Logs;

/// <summary>Arithmetic of record sequences: 31 bits, and 0 comes after 2^31-1.</summary>
static class ProducerSequence
{
    internal static int Add(int sequence, int count) =>
        sequence > int.MaxValue - count ? count - (int.MaxValue - sequence) - 1 : sequence + count;

    internal static bool Follows(int last, int next) => next == last + 1L || (next == 0 && last == int.MaxValue);
}
