using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Writers of transactions and copiers of what they have committed. Processes of both are killed, told to leave, or shut out by the next
/// one of their name while they still run; the last ones run on in the healthy cluster until all is written and copied. A reader of
/// committed records looks on.
/// </summary>
sealed class TransactScenario : Scenario
{
    const string Entries = "entries";
    const string Copies = "copies";
    const int Records = 200;
    const int RecordsAfter = 12;
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    readonly CopyChecker _copies = new(Entries, Copies);
    readonly List<Task> _ended = [];
    readonly List<Action> _burials = [];
    LedgerReader? _reader;
    int _processes;

    public override string Name => "transact";

    // What is taken out of a log may have been copied before, and may not.
    public override bool Meets(FaultKind kind) =>
        kind is not (FaultKind.TopicRecreated or FaultKind.UncleanElection or FaultKind.RecordsDeleted or FaultKind.Compacted);

    public override bool NeedsTransactions => true;

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(180);

    public override async Task RunAsync(SimWorld world)
    {
        var partitions = 1 + world.Random.Next(3);
        world.CreateTopic(Entries, partitions, 3);
        world.CreateTopic(Copies, 1 + world.Random.Next(3), 3);
        _reader = new LedgerReader(world, Entries, partitions, "reader", isCommitted: true);
        var reading = _reader.RunAsync();
        var stop = new TaskCompletionSource();
        var settings = new CopierSettings(world, Entries, Copies);
        var copiers = new Task[1 + world.Random.Next(3)];
        for (var i = 0; i < copiers.Length; i++)
            copiers[i] = RunCopierAsync(world, settings, $"copier-{i}", stop.Task);
        var writers = new Task[1 + world.Random.Next(2)];
        for (var i = 0; i < writers.Length; i++)
            writers[i] = RunWriterAsync(world, partitions, $"writer-{i}", Records / writers.Length);
        await Task.WhenAll(writers);
        _reader.SettleDown();
        while (!IsQuiet(world) || !IsAllCopied(world) || !ReaderOf(world).IsComplete)
            await world.Pause(LookEvery);
        stop.SetResult();
        _reader.Stop();
        await Task.WhenAll(copiers);
        await reading;
        foreach (var bury in _burials)
            bury();
        await Task.WhenAll(_ended);
        // An end that was asked for on the way out comes to its end.
        while (!IsQuiet(world))
            await world.Pause(LookEvery);
    }

    public override void Check(SimWorld world)
    {
        var truth = world.ReadLog();
        ProduceChecker.Check(world.History, truth.Of(Entries), world.ChaosTicks + LivenessBound.Ticks, world.Violations);
        TransactionChecker.Check(world.Transactions, world.VisibleIds(Entries), world.Violations);
        CycleChecker.Check(world.Transactions, world.Violations);
        _copies.Check(truth, world.Shows, partition => world.CommittedOffset(CopierProcess.GroupId, Entries, partition), world.Violations);
        ReaderOf(world).Check();
    }

    /// <summary>Writers come one after the other under one name; the last one writes in the healthy cluster.</summary>
    async Task RunWriterAsync(SimWorld world, int partitions, string transactionalId, int records)
    {
        var random = world.Chance(transactionalId);
        var lives = 1 + random.Next(4);
        var ticks = world.ChaosTicks / lives;
        TransactionalProcess? before = null;
        var written = 0;
        var earlier = new List<Task>();
        for (var life = 0; life < lives; life++)
        {
            var process = new TransactionalProcess(world, Entries, partitions, transactionalId, _processes++);
            before?.IsSucceeded = true;
            written += before?.Written ?? 0;
            before = process;
            var running = process.RunAsync(records / lives + 1, ticks);
            _burials.Add(process.Bury);
            _ended.Add(running);
            earlier.Add(running);
            await world.Pause(TimeSpan.FromTicks((long)(ticks * (0.5 + random.NextDouble()))));
            switch (random.Next(3))
            {
                case 0:
                    process.Kill();
                    break;
                case 1:
                    process.Leave();
                    await running;
                    break;
                // The next one begins while this one still runs.
                default:
                    await Task.WhenAny(process.Begun, running);
                    break;
            }
        }
        await world.Healed;
        await world.Pause(TimeSpan.FromSeconds(2));
        before?.IsSucceeded = true;
        // Those before may have been killed before they had done much.
        written += before?.Written ?? 0;
        bool hasRivals;
        TransactionalProcess last;
        do
        {
            hasRivals = earlier.Exists(static running => !running.IsCompleted);
            last = new TransactionalProcess(world, Entries, partitions, transactionalId, _processes++, isLast: true) { HasRivals = hasRivals };
            await last.RunAsync(Math.Max(RecordsAfter, records - written), TimeSpan.TicksPerSecond);
        }
        while (hasRivals && last.IsShutOut);
    }

    /// <summary>Copiers come one after the other under one name, until all is copied.</summary>
    async Task RunCopierAsync(SimWorld world, CopierSettings settings, string transactionalId, Task stop)
    {
        var random = world.Chance(transactionalId);
        await world.Pause(TimeSpan.FromTicks((long)(world.ChaosTicks * 0.3 * random.NextDouble())));
        var rivals = new List<CopierProcess>();
        while (true)
        {
            var process = new CopierProcess(world, settings, transactionalId, _processes++);
            // One that was made in chaos may have too little time for all that is left, and would shut the others out again and again.
            if (world.Healed.IsCompleted)
                rivals.ForEach(static rival => rival.Leave());
            var running = process.RunAsync();
            _burials.Add(process.Bury);
            _ended.Add(running);
            var isChaos = !world.Healed.IsCompleted;
            var fate = isChaos ? random.Next(3) : -1;
            using var over = new CancellationTokenSource();
            var life = isChaos ? world.Pause(TimeSpan.FromTicks((long)(world.ChaosTicks * random.NextDouble())), over.Token) : stop;
            var first = await Task.WhenAny(running, life, stop);
            over.Cancel();
            if (first == running)
            {
                if (running.IsFaulted)
                    world.Violations.Add("No defect", $"{process.Name} ended as {running.Exception!.InnerException}");
                // Whatever has ended a process, somebody starts another, after a while.
                await world.Pause(TimeSpan.FromMilliseconds(500));
                continue;
            }
            if (stop.IsCompleted)
            {
                process.Leave();
                await running;
                return;
            }
            if (fate == 0)
            {
                process.Kill();
            }
            else if (fate == 1)
            {
                process.Leave();
                await running;
            }
            else
            {
                rivals.Add(process);
            }
        }
    }

    ReaderChecker ReaderOf(SimWorld world) => new(_reader!.History, world.ReadLog().Of(Entries), world.Surgery.Losses, _reader.IsCommitted, world.Violations);

    bool IsAllCopied(SimWorld world) => _copies.IsComplete(world.ReadLog(), world.Shows);

    /// <summary>Whether no transaction is open, and none is on its way to its end.</summary>
    static bool IsQuiet(SimWorld world) => world.Machine.Cluster.Topics.All(static topic => topic.Partitions.All(
        static partition => partition.LastStableOffset == partition.Log.EndOffset));
}
