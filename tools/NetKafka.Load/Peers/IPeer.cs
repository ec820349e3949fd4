using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Peers;

/// <summary>
/// A client, used as its own pages tell a user to. Loops whose cost a message is measured are written out for each client,
/// so that nothing of ours stands between.
/// </summary>
interface IPeer
{
    /// <summary>How many records a transaction has.</summary>
    const int TransactionRecords = 100;

    string Name { get; }

    string Version { get; }

    /// <summary>Produces with callbacks until the meter says that it is done, then waits for what is under way.</summary>
    Task FireAsync(LoadSettings settings, Meter meter);

    /// <summary>Runs <see cref="LoadSettings.Senders"/> loops, each of which awaits its message.</summary>
    Task AwaitAsync(LoadSettings settings, Meter meter);

    /// <summary>Commits transactions of <see cref="TransactionRecords"/> records each until the meter says that it is done.</summary>
    Task TransactAsync(LoadSettings settings, Meter meter) => throw new NotSupportedException($"The adapter of {Name} has no transactions.");

    /// <summary>Reads, from the beginning of the topic, until the meter says that it is done.</summary>
    Task ConsumeAsync(LoadSettings settings, Meter meter);

    /// <summary>A producer for rows in which the time between two messages is long, and a call through an interface nothing.</summary>
    Task<IPeerSender> OpenSenderAsync(LoadSettings settings);

    /// <summary>Reads what arrives from now on, value by value. Completes <paramref name="ready"/> once it is reading.</summary>
    Task ListenAsync(LoadSettings settings, Action<ReadOnlySpan<byte>> onValue, TaskCompletionSource ready, CancellationToken stop);
}
