namespace NetKafka.Internal.Kernel;

/// <summary>The calls of one owner that have no answer yet, so that all can be ended with it. Touched inside turns only.</summary>
sealed class PendingCalls
{
    readonly List<ICall> _calls = [];

    public void Add(ICall call)
    {
        _calls.RemoveAll(static other => other.IsAnswered);
        // One that is used again may still be here from before.
        if (!_calls.Contains(call))
            _calls.Add(call);
    }

    public void FailAll(Exception error, Effects effects)
    {
        foreach (var call in _calls)
            call.Fail(error, effects);
        _calls.Clear();
    }
}
