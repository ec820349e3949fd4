using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Administration;

/// <summary>How long to wait for what, and where the spread of the pauses comes from.</summary>
sealed record InquirySettings(TimeSpan RequestTimeout, Backoff Backoff, RandomSource Random);
