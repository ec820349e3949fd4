using NetKafka.Load.Placing;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Compare;

/// <summary>How long and how often is measured.</summary>
/// <param name="Blocks">How many blocks each case has.</param>
/// <param name="RealBlocks">The same for cases on a real broker.</param>
/// <param name="IsPalindrome">
/// Whether a block runs its clients there and back. Else odd blocks run there and even ones back, so that two make a palindrome.
/// </param>
/// <param name="Warm">From the first delivery to the first point, where a client runs as fast as it can.</param>
/// <param name="LateWarm">
/// The same where it mostly waits: it makes fewer calls in a second, so its code is compiled later, and beside a busy broker
/// later still.
/// </param>
/// <param name="Scale">What each case's own window is multiplied by.</param>
/// <param name="Budget">No block begins after that, except the first of a case.</param>
sealed record ComparePlan(int Blocks, int RealBlocks, bool IsPalindrome, TimeSpan Warm, TimeSpan LateWarm, double Scale, TimeSpan Budget)
{
    /// <summary>On which cores client and broker run.</summary>
    public CpuLayout Layout { get; init; }

    /// <summary>Whether cores are kept from falling asleep while latency is measured.</summary>
    public bool IsAwake { get; init; }

    /// <summary>How often a disturbed block may be done again.</summary>
    public int Redos => IsPalindrome ? 2 : 0;

    public static ComparePlan Full { get; } = new(5, 3, true, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(5), 0.8, TimeSpan.FromMinutes(84));

    public static ComparePlan Quick { get; } = new(2, 2, false, TimeSpan.FromSeconds(1.3), TimeSpan.FromSeconds(2.2), 0.22, TimeSpan.FromMinutes(3.5));

    /// <summary>One core has to run and to compile, so a client that is bound to it is warm later.</summary>
    static readonly TimeSpan WarmerOnOneCore = TimeSpan.FromSeconds(1.2);

    /// <summary>Loads that a short table has Java in: its tools take two processes a figure.</summary>
    static readonly string[] QuickJava = ["fire-100", "consume-100"];

    /// <summary>Loads whose blocks have ours twice, for the noise floor.</summary>
    string[] NoiseCases => IsPalindrome ? ["fire-100", "consume-100", "round-trip", "open-500", "end-to-end"] : ["fire-100", "round-trip"];

    public bool IsNoiseCase(LoadCase load) => NoiseCases.Contains(load.Id);

    /// <summary>Why a client is left out of a load; null if it is not.</summary>
    public string? WhyLeftOut(LoadCase load, string client) =>
        !IsPalindrome && client == "java" && !QuickJava.Contains(load.Id) ? "left out of the short table" : null;

    public bool Includes(LoadCase load) => IsPalindrome || !load.IsFullOnly;

    /// <summary>A case's settings as this plan has the time for; a few messages a second need their seconds.</summary>
    public LoadSettings Apply(LoadSettings settings) => settings with
    {
        Warm = WarmFor(settings) + (Layout == CpuLayout.Free || settings.Kind is LoadKind.Idle or LoadKind.Bare ? TimeSpan.Zero : WarmerOnOneCore),
        Window = settings.Rate is > 0 and < 10 && Scale < 0.5 ? settings.Window / 2 : settings.Window * Scale,
        Messages = IsPalindrome ? settings.Messages : settings.Messages / 4,
    };

    TimeSpan WarmFor(LoadSettings settings) => settings.Kind switch
    {
        LoadKind.Idle or LoadKind.Bare => settings.Warm,
        LoadKind.Await or LoadKind.RoundTrip or LoadKind.OpenLoop or LoadKind.Paced or LoadKind.EndToEnd => LateWarm,
        _ => Warm,
    };

    /// <summary>N of Java's two processes.</summary>
    public long JavaMessages(LoadSettings settings)
    {
        if (settings.Messages > 0)
            return settings.Messages;
        var messages = settings.Kind == LoadKind.Consume ? 3_000_000 : 1_000_000;
        return messages / (settings.ValueBytes > 200 ? 3 : 1) / (IsPalindrome ? 1 : 3);
    }

    /// <summary>The order of a block's clients; every one runs as often as the others.</summary>
    public string[] Order(IReadOnlyList<string> clients, int block) => IsPalindrome
        ? [.. clients, .. clients.Reverse()]
        : block % 2 == 0 ? [.. clients] : [.. clients.Reverse()];
}
