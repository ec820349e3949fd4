namespace NetKafka.Load.Commands;

/// <summary>The command line cannot be understood; the message says what was expected.</summary>
sealed class UsageException(string message) : Exception(message);
