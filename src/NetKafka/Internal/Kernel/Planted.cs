#if NETKAFKA_CHECKED
namespace NetKafka.Internal.Kernel;

/// <summary>
/// The bug that is put back on this thread, to show that the simulation finds it: in the checked build alone. The run of a seed
/// sets it before its world begins, and all of that world lives on its thread.
/// </summary>
static class Planted
{
    [ThreadStatic]
    static Bug _bug;

    public static Bug Bug
    {
        get => _bug;
        set => _bug = value;
    }

    public static bool Has(Bug bug) => _bug == bug;
}
#endif
