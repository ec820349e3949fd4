using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;
using NetKafka.Load.Placing;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Compare;

/// <summary>Every client that can be had here, and why the others cannot.</summary>
sealed class Clients
{
    const string LeftOut = "left out by --peers";

    public const string Ours = "netkafka";

    /// <summary>Ours as native code.</summary>
    public const string Native = "netkafka-aot";

    /// <summary>Ours a second time, for the noise floor.</summary>
    public const string Again = "again";

    readonly Dictionary<string, Func<LoadSettings, Task<RunReport>>> _runs = [];
    readonly Dictionary<string, string> _missing = [];

    public static async Task<Clients> FindAsync(
        ComparePlan plan, string? kafkaFolder, IReadOnlyList<string>? wanted, IReadOnlyList<LoadCase> cases)
    {
        var clients = new Clients();
        var core = Placement.CoreOfClient(plan.Layout);
        clients.Add(Ours, settings => ChildRun.RunAsync(ChildRun.Self, Ours, settings, core));
        clients.Add(Again, settings => ChildRun.RunAsync(ChildRun.Self, Ours, settings, core));
        clients.Add("self", settings => ChildRun.RunAsync(ChildRun.Self, Ours, settings, core));
        clients.Add("bare", settings => ChildRun.RunAsync(ChildRun.Self, Ours, settings, core));
        clients.Add("confluent", settings => ChildRun.RunAsync(ChildRun.Self, "confluent", settings, core));
        clients.Add("librdkafka", settings => ChildRun.RunAsync(ChildRun.Self, "librdkafka", settings, core));
        if (JavaTools.Find(kafkaFolder) is { } java)
            clients.Add("java", settings => java.RunAsync(settings, plan.JavaMessages(settings), core));
        else
            clients._missing["java"] = "no Kafka folder: give --kafka DIR or NETKAFKA_KAFKA_HOME";
        if (wanted?.Contains("dekaf") ?? true)
        {
            var (path, problem) = await DekafProject.BuildAsync();
            if (path is not null)
                clients.Add("dekaf", settings => ChildRun.RunAsync(ChildRun.OfAssembly(path), "dekaf", settings, core));
            else
                clients._missing["dekaf"] = problem!;
        }
        else
        {
            clients._missing["dekaf"] = LeftOut;
        }
        // A publish takes as long as a dozen runs, so it is done only for a load that has the client in it.
        if (!(wanted?.Contains(Native) ?? true))
            clients._missing[Native] = LeftOut;
        else if (cases.Any(load => load.Peers.Contains(Native)))
            clients.AddNative(await NativeProject.PublishAsync(), core);
        if (wanted is not null)
        {
            foreach (var name in clients._runs.Keys.Where(name => !wanted.Contains(name) && name is not (Ours or Again or "self" or "bare")))
                clients._missing[name] = LeftOut;
        }
        return clients;
    }

    /// <summary>Why there is no such client; null if there is one.</summary>
    public string? WhyMissing(string name) => _missing.GetValueOrDefault(name);

    public Task<RunReport> RunAsync(string name, LoadSettings settings) => _runs[name](settings);

    void AddNative((string? Path, string? Problem) published, int? core)
    {
        if (published.Path is not { } path)
        {
            _missing[Native] = published.Problem!;
            return;
        }
        var size = new FileInfo(path).Length / 1048576.0;
        Add(Native, async settings => await ChildRun.RunAsync((path, []), Native, settings, core) with { ProgramMiB = size });
    }

    void Add(string name, Func<LoadSettings, Task<RunReport>> run) => _runs[name] = run;
}
