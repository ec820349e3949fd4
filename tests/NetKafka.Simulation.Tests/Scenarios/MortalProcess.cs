using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>A process of a scenario, with a client of its own: it is told to leave, or dies, and then nobody hears of it any more.</summary>
abstract class MortalProcess(SimWorld world, string name)
{
    readonly CancellationTokenSource _leave = new();
    readonly TaskCompletionSource _buried = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name { get; } = name;

    /// <summary>Whether it has been killed: what it is told from now on nobody hears.</summary>
    public bool IsDead { get; private set; }

    protected SimWorld World { get; } = world;

    /// <summary>What it does by chance, which is its own.</summary>
    protected RandomSource Random { get; } = world.Chance(name);

    /// <summary>Cancelled when it is to end.</summary>
    protected CancellationToken Leaving => _leave.Token;

    /// <summary>Ends when what a dead process has left may be given back.</summary>
    protected Task Buried => IsDead ? _buried.Task : Task.CompletedTask;

    /// <summary>Asks it to end in order.</summary>
    public void Leave() => _leave.Cancel();

    public void Kill()
    {
        IsDead = true;
        _leave.Cancel();
        World.Tell($"{Name} dies");
        World.Crash(Name);
    }

    /// <summary>The run is over: what a dead process has left is given back.</summary>
    public void Bury()
    {
        _leave.Cancel();
        _buried.TrySetResult();
    }
}
