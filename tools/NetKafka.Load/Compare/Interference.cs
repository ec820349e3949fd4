using NetKafka.Load.Measuring;

namespace NetKafka.Load.Compare;

/// <summary>How much of the machine others took while a block ran: other programs, and the host of a virtual machine.</summary>
sealed class Interference(Func<double> ownBrokers)
{
    const double MaxForeign = 0.05;
    const double MaxStolen = 0.01;

    readonly (double Busy, double Stolen, double Total) _machine = ResourceUsage.OfMachine();
    readonly double _own = Own(ownBrokers);

    /// <summary>What was taken since this was made, as shares of all processors.</summary>
    public (double Foreign, double Stolen) Measure()
    {
        var now = ResourceUsage.OfMachine();
        var total = Math.Max(now.Total - _machine.Total, 0.01);
        var foreign = now.Busy - _machine.Busy - (Own(ownBrokers) - _own);
        return (Math.Max(foreign, 0) / total, (now.Stolen - _machine.Stolen) / total);
    }

    public static bool IsTooMuch((double Foreign, double Stolen) taken) => taken.Foreign > MaxForeign || taken.Stolen > MaxStolen;

    static double Own(Func<double> ownBrokers)
    {
        var (self, children) = (ResourceUsage.OfSelf(), ResourceUsage.OfChildren());
        return self.User + self.System + children.User + children.System + ownBrokers();
    }
}
