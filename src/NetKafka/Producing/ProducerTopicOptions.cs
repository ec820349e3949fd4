using NetKafka.Protocol.Compression;

namespace NetKafka.Producing;

/// <summary>
/// What differs for one topic; see <see cref="ProducerOptions.Topics"/>. What is null, as everything is by default, is as it is for the
/// producer's other topics. The ranges are those of the settings of the same name.
/// </summary>
public sealed class ProducerTopicOptions
{
    /// <summary>How batches are compressed. Default: <see cref="ProducerOptions.Compression"/>.</summary>
    public CompressionCodec? Compression { get; set; }

    /// <summary>
    /// How hard to compress. Default: the codec's own where <see cref="Compression"/> is set, else
    /// <see cref="ProducerOptions.CompressionLevel"/>.
    /// </summary>
    public int? CompressionLevel { get; set; }

    /// <summary>How long a batch waits for more records. Default: <see cref="ProducerOptions.Linger"/>.</summary>
    public TimeSpan? Linger { get; set; }

    /// <summary>How many bytes of records make a batch full. Default: <see cref="ProducerOptions.BatchSize"/>.</summary>
    public int? BatchSize { get; set; }

    /// <summary>By which rule a record that names no partition gets one. Default: <see cref="ProducerOptions.Partitioner"/>.</summary>
    public Partitioner? Partitioner { get; set; }

    /// <summary>Whether a record without a key is put where the empty key goes. Default: <see cref="ProducerOptions.HashMissingKeys"/>.</summary>
    public bool? HashMissingKeys { get; set; }

    /// <summary>Whether records with keys are spread like those without. Default: <see cref="ProducerOptions.IgnoreKeys"/>.</summary>
    public bool? IgnoreKeys { get; set; }

    /// <summary>
    /// Chooses the partition of every record that names none. Default: <see cref="ProducerOptions.PartitionSelector"/>, unless
    /// <see cref="Partitioner"/>, <see cref="HashMissingKeys"/> or <see cref="IgnoreKeys"/> is set.
    /// </summary>
    public PartitionSelector? PartitionSelector { get; set; }
}
