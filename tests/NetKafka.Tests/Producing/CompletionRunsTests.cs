using NetKafka.Internal.Producing;

namespace NetKafka.Tests.Producing;

public sealed class CompletionRunsTests
{
    static readonly object Callback = new();
    static readonly object Other = new();

    readonly CompletionRuns _runs = new();

    [Fact]
    public void Records_that_are_told_alike_share_one_entry()
    {
        for (var i = 0; i < 1000; i++)
            _runs.Add(new RecordCompletion(Callback, Other, 7));
        Assert.Equal(1000, Assert.Single(_runs.Runs.ToArray()).End);
    }

    [Fact]
    public void Another_callback_state_or_timestamp_begins_another_entry()
    {
        RecordCompletion[] all =
        [
            new(Callback, Other, 7), new(Callback, Other, 8), new(Callback, null, 8), new(Other, null, 8), new(null, null, 8), new(Callback, Other, 7),
        ];
        foreach (var completion in all)
            _runs.Add(completion);
        Assert.Equal(all, _runs.Runs.ToArray().Select(run => run.Completion));
        Assert.Equal([1, 2, 3, 4, 5, 6], _runs.Runs.ToArray().Select(run => run.End));
    }

    [Fact]
    public void Piece_of_a_batch_has_the_entries_of_its_records()
    {
        object?[] targets = [Callback, Callback, null, Other, Other, Other, Callback];
        foreach (var target in targets)
            _runs.Add(new RecordCompletion(target, null, 7));
        for (var first = 0; first < targets.Length; first++)
        {
            for (var count = 1; first + count <= targets.Length; count++)
            {
                var piece = new CompletionRuns();
                piece.Add(_runs, first, count);
                Assert.Equal(targets[first..(first + count)], Expand(piece));
                Assert.Equal(count, piece.Count);
            }
        }
    }

    [Fact]
    public void Records_with_nobody_to_tell_count_and_have_no_target()
    {
        _runs.Add(new RecordCompletion(null, null, 7));
        Assert.Equal((1, false), (_runs.Count, _runs.HasTargets));
        _runs.Add(new RecordCompletion(Callback, null, 7));
        Assert.Equal((2, true), (_runs.Count, _runs.HasTargets));
        _runs.Clear();
        Assert.Equal((0, false), (_runs.Count, _runs.HasTargets));
    }

    static IEnumerable<object?> Expand(CompletionRuns runs)
    {
        var targets = new List<object?>();
        foreach (var run in runs.Runs)
        {
            while (targets.Count < run.End)
                targets.Add(run.Completion.Target);
        }
        return targets;
    }
}
