namespace NetKafka.Internal.Producing;

/// <summary>
/// Who is told of each record of a batch. Neighbours with the same callback, state and timestamp share one entry: a caller
/// that posts with one callback costs the batch next to nothing, and an entry for each record would be a quarter of what a
/// small record takes.
/// </summary>
sealed class CompletionRuns
{
    Run[] _runs = [];
    int _count;

    /// <summary>How many records there are, with or without somebody to tell.</summary>
    public int Count => _count == 0 ? 0 : _runs[_count - 1].End;

    /// <summary>Whether somebody is to be told of any of them.</summary>
    public bool HasTargets { get; private set; }

    public ReadOnlySpan<Run> Runs => _runs.AsSpan(0, _count);

    public void Add(in RecordCompletion completion)
    {
        if (_count > 0)
        {
            ref var last = ref _runs[_count - 1];
            if (ReferenceEquals(last.Completion.Target, completion.Target)
                && ReferenceEquals(last.Completion.State, completion.State)
                && last.Completion.TimestampMs == completion.TimestampMs)
            {
                last.End++;
                return;
            }
        }
        Append(completion, 1);
    }

    /// <summary>Adds a piece of another batch.</summary>
    public void Add(CompletionRuns from, int first, int count)
    {
        var start = 0;
        foreach (ref readonly var run in from.Runs)
        {
            var length = Math.Min(run.End, first + count) - Math.Max(start, first);
            if (length > 0)
                Append(run.Completion, length);
            start = run.End;
        }
    }

    public void Clear()
    {
        Array.Clear(_runs, 0, _count);
        (_count, HasTargets) = (0, false);
    }

    void Append(in RecordCompletion completion, int length)
    {
        if (_count == _runs.Length)
            Array.Resize(ref _runs, Math.Max(4, 4 * _runs.Length));
        _runs[_count] = new Run(completion, Count + length);
        _count++;
        HasTargets |= completion.Target is not null;
    }

    /// <summary>Neighbours that are told alike.</summary>
    public struct Run(in RecordCompletion completion, int end)
    {
        public RecordCompletion Completion { get; } = completion;

        /// <summary>The number of the first record that is not of them.</summary>
        public int End { get; set; } = end;
    }
}
