using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>A caller that waits for a partition to be known.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition asked for; −1 for any.</param>
/// <param name="Call">What he waits on.</param>
readonly record struct TopicWait(ProducerTopic Topic, int Partition, Call<bool> Call);
