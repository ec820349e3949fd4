using Microsoft.Extensions.Logging;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>A line of log on its way to the user's logger.</summary>
sealed class LogLine(ILogger logger, Action<ILogger> line) : Dispatch
{
    int _isDone;

    public override bool IsBrief => true;

    public override void Run()
    {
        if (Interlocked.Exchange(ref _isDone, 1) == 0)
            line(logger);
    }
}
