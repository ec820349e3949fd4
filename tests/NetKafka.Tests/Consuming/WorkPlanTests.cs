using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Compression;

namespace NetKafka.Tests.Consuming;

/// <summary>What may begin, and how far a partition is finished: told by hand.</summary>
public sealed class WorkPlanTests
{
    readonly AssignedPartition _partition = new(new TopicPartition("t", 0)) { Position = 0 };
    readonly AssignedPartition _other = new(new TopicPartition("t", 1)) { Position = 0 };
    readonly List<PartitionWork> _abandoned = [];
    Instant _now = Instant.Start;

    WorkPlan Plan(ProcessingOrder order = ProcessingOrder.ByKey, int concurrency = 10, int pending = 100, long bytes = long.MaxValue) =>
        new(order, concurrency, pending, bytes, new CompressionPool(), _ => { }) { OnAbandoned = _abandoned.Add };

    static void Take(WorkPlan plan, AssignedPartition partition, params (long Offset, int? Key)[] records)
    {
        foreach (var (offset, key) in records)
            plan.Take(plan.Of(partition), new WorkItem { Offset = offset, Epoch = 7 }, key);
        plan.CallWorkers();
    }

    List<WorkItem> BeginAll(WorkPlan plan)
    {
        var begun = new List<WorkItem>();
        while (plan.Begin(_now) is { } item)
            begun.Add(item);
        return begun;
    }

    static IEnumerable<long> Offsets(IEnumerable<WorkItem> items) => items.Select(item => item.Offset);

    [Fact]
    public void Records_of_different_keys_begin_side_by_side_and_those_of_one_key_wait_for_each_other()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1), (1, 2), (2, 1), (3, 3));
        var begun = BeginAll(plan);
        Assert.Equal([0, 1, 3], Offsets(begun));
        plan.End(begun[1], isFinished: true);
        Assert.Empty(BeginAll(plan));
        plan.End(begun[0], isFinished: true);
        Assert.Equal([2], Offsets(BeginAll(plan)));
    }

    [Fact]
    public void Key_keeps_its_order_where_more_of_it_is_taken_while_one_runs()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1));
        var first = BeginAll(plan);
        Take(plan, _partition, (1, 1), (2, 1));
        Assert.Empty(BeginAll(plan));
        plan.End(first[0], isFinished: true);
        var second = BeginAll(plan);
        Assert.Equal([1], Offsets(second));
        plan.End(second[0], isFinished: true);
        Assert.Equal([2], Offsets(BeginAll(plan)));
    }

    [Fact]
    public void Records_without_a_key_wait_for_nobody()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null), (2, null));
        Assert.Equal([0, 1, 2], Offsets(BeginAll(plan)));
    }

    [Fact]
    public void Same_key_of_another_partition_waits_for_nobody()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1));
        Take(plan, _other, (0, 1));
        Assert.Equal(2, BeginAll(plan).Count);
    }

    [Fact]
    public void By_partition_one_record_of_each_runs()
    {
        var plan = Plan(ProcessingOrder.ByPartition);
        Take(plan, _partition, (0, 1), (1, null), (2, 3));
        Take(plan, _other, (5, 1), (6, 2));
        var begun = BeginAll(plan);
        Assert.Equal([0, 5], Offsets(begun));
        plan.End(begun[1], isFinished: true);
        Assert.Equal([6], Offsets(BeginAll(plan)));
    }

    [Fact]
    public void No_more_workers_are_called_than_may_run_or_have_something_to_do()
    {
        var plan = Plan(concurrency: 3);
        var work = plan.Of(_partition);
        plan.Take(work, new WorkItem { Offset = 0 }, 0);
        plan.Take(work, new WorkItem { Offset = 1 }, 1);
        Assert.Equal(2, plan.CallWorkers());
        Assert.Equal(0, plan.CallWorkers());
        for (var offset = 2; offset < 9; offset++)
            plan.Take(work, new WorkItem { Offset = offset }, offset);
        Assert.Equal(1, plan.CallWorkers());
        Assert.Equal([0, 1, 2], Offsets([plan.Begin(_now)!, plan.Begin(_now)!, plan.Begin(_now)!]));
        Assert.Equal(0, plan.CallWorkers());
    }

    [Fact]
    public void Position_moves_over_what_is_finished_without_a_gap_alone()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null), (2, null), (3, null));
        var begun = BeginAll(plan);
        plan.End(begun[1], isFinished: true);
        plan.End(begun[3], isFinished: true);
        Assert.Equal(0, _partition.Position);
        plan.End(begun[0], isFinished: true);
        Assert.Equal((2, 7), (_partition.Position, _partition.PositionEpoch));
        plan.End(begun[2], isFinished: true);
        Assert.Equal(4, _partition.Position);
    }

    [Fact]
    public void What_holds_no_record_is_passed_with_the_record_before_it()
    {
        var plan = Plan();
        var work = plan.Of(_partition);
        plan.Pass(work, 3, 6);
        Assert.Equal((3, 6), (_partition.Position, _partition.PositionEpoch));
        Take(plan, _partition, (3, null), (4, null));
        plan.Pass(work, 9, 8);
        var begun = BeginAll(plan);
        plan.End(begun[1], isFinished: true);
        Assert.Equal(3, _partition.Position);
        plan.End(begun[0], isFinished: true);
        Assert.Equal((9, 8), (_partition.Position, _partition.PositionEpoch));
    }

    [Fact]
    public void Record_that_is_not_finished_is_never_passed()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null));
        var begun = BeginAll(plan);
        plan.End(begun[0], isFinished: false);
        plan.End(begun[1], isFinished: true);
        Assert.Equal(0, _partition.Position);
    }

    [Fact]
    public void Full_partition_is_read_on_once_half_of_it_is_behind_the_position()
    {
        var plan = Plan(pending: 4);
        Take(plan, _partition, (0, null), (1, null), (2, null), (3, null));
        Assert.False(plan.MayRead(_partition));
        Assert.True(plan.MayRead(_other));
        var begun = BeginAll(plan);
        Assert.False(plan.End(begun[1], isFinished: true));
        Assert.False(plan.End(begun[2], isFinished: true));
        Assert.False(plan.End(begun[3], isFinished: true));
        Assert.False(plan.MayRead(_partition));
        Assert.True(plan.End(begun[0], isFinished: true));
        Assert.True(plan.MayRead(_partition));
    }

    [Fact]
    public void With_too_many_bytes_in_hand_partitions_are_read_of_which_there_is_nothing()
    {
        var plan = Plan(bytes: 10);
        var batch = new HeldBatch(null!, null, null, 10);
        plan.Hold(batch);
        plan.Take(plan.Of(_partition), new WorkItem { Offset = 0, Batch = batch }, null);
        plan.CallWorkers();
        plan.Release(batch);
        Assert.Equal((false, 0), (plan.MayRead(_partition), plan.RoomOf(plan.Of(_partition))));
        Assert.True(plan.MayRead(_other));
        Assert.True(plan.End(plan.Begin(_now)!, isFinished: true));
        Assert.True(plan.MayRead(_partition));
    }

    [Fact]
    public void Nothing_that_waits_begins_after_it_was_let_go_of()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1), (1, 1), (2, 2));
        var first = plan.Begin(_now)!;
        plan.LetGo(plan.Of(_partition));
        Assert.Empty(BeginAll(plan));
        Assert.True(plan.Of(_partition).IsDraining);
        plan.End(first, isFinished: true);
        Assert.Empty(BeginAll(plan));
        Assert.Equal((false, 0, 1), (plan.Of(_partition).IsDraining, plan.Of(_partition).Begun, _partition.Position));
    }

    [Fact]
    public void What_was_finished_behind_the_position_is_not_handed_out_again()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null), (2, null));
        var begun = BeginAll(plan);
        plan.End(begun[1], isFinished: true);
        plan.LetGo(plan.Of(_partition));
        plan.End(begun[2], isFinished: true);
        plan.End(begun[0], isFinished: false);
        Assert.Equal(0, _partition.Position);
        Take(plan, _partition, (0, null), (1, null), (2, null), (3, null));
        var again = BeginAll(plan);
        Assert.Equal([0, 3], Offsets(again));
        plan.End(again[0], isFinished: true);
        Assert.Equal(3, _partition.Position);
    }

    [Fact]
    public void Partition_is_full_of_what_was_finished_before_too()
    {
        var plan = Plan(pending: 3);
        Take(plan, _partition, (0, null), (1, null), (2, null));
        var begun = BeginAll(plan);
        plan.End(begun[1], isFinished: true);
        plan.End(begun[2], isFinished: true);
        plan.LetGo(plan.Of(_partition));
        plan.End(begun[0], isFinished: false);
        Assert.True(plan.MayRead(_partition));
        Take(plan, _partition, (0, null), (1, null), (2, null));
        Assert.Equal((false, 0), (plan.MayRead(_partition), plan.RoomOf(plan.Of(_partition))));
        plan.End(Assert.Single(BeginAll(plan)), isFinished: true);
        Assert.Equal((true, 3), (plan.MayRead(_partition), _partition.Position));
    }

    [Fact]
    public void Handler_from_before_a_seek_does_not_move_the_position()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1), (1, 2));
        var old = BeginAll(plan);
        plan.Restart(plan.Of(_partition));
        _partition.Position = 50;
        Take(plan, _partition, (50, 1));
        Assert.Empty(BeginAll(plan));
        plan.End(old[1], isFinished: true);
        Assert.Equal(50, _partition.Position);
        plan.End(old[0], isFinished: true);
        Assert.Equal(50, _partition.Position);
        var next = Assert.Single(BeginAll(plan));
        plan.End(next, isFinished: true);
        Assert.Equal(51, _partition.Position);
    }

    [Fact]
    public void Handler_of_a_partition_that_went_and_came_back_moves_nothing_and_keeps_the_order_of_its_key()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1));
        var old = plan.Begin(_now)!;
        plan.LetGo(plan.Of(_partition));
        plan.Abandon(plan.Of(_partition));
        Assert.Equal([_partition.Work!], _abandoned);
        var returned = new AssignedPartition(_partition.Partition) { Position = 0 };
        Take(plan, returned, (0, 1), (1, 2));
        var begun = BeginAll(plan);
        Assert.Equal([1], Offsets(begun));
        plan.End(old, isFinished: true);
        Assert.Equal(0, returned.Position);
        Assert.Equal([0], Offsets(BeginAll(plan)));
    }

    [Fact]
    public void Position_does_not_pass_the_place_where_the_log_was_cut_off()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null), (2, null));
        var begun = BeginAll(plan);
        plan.LetGo(plan.Of(_partition));
        plan.Of(_partition).CutOff(1, 7);
        foreach (var item in begun)
            plan.End(item, isFinished: true);
        Assert.Equal((1, 7), (_partition.Position, _partition.PositionEpoch));
        Take(plan, _partition, (1, null), (2, null));
        Assert.Equal([1, 2], Offsets(BeginAll(plan)));
    }

    [Fact]
    public void Oldest_is_the_handler_that_has_run_for_the_longest_time()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null), (2, null));
        var begun = new List<WorkItem>();
        for (var i = 0; i < 3; i++)
        {
            begun.Add(plan.Begin(_now)!);
            _now += TimeSpan.FromSeconds(1);
        }
        Assert.Equal(0, plan.Oldest!.Offset);
        plan.End(begun[1], isFinished: true);
        Assert.True(plan.TryBeginAgain(begun[0], _now));
        Assert.Equal((2, Instant.Start + TimeSpan.FromSeconds(2)), (plan.Oldest!.Offset, plan.Oldest.BegunAt));
        plan.End(begun[2], isFinished: true);
        Assert.Equal((0, Instant.Start + TimeSpan.FromSeconds(3)), (plan.Oldest!.Offset, plan.Oldest.BegunAt));
        plan.End(begun[0], isFinished: true);
        Assert.Null(plan.Oldest);
    }

    [Fact]
    public void Nothing_begins_or_is_tried_again_after_the_plan_was_stopped()
    {
        var plan = Plan();
        Take(plan, _partition, (0, null), (1, null));
        var first = plan.Begin(_now)!;
        plan.Stop();
        Assert.Empty(BeginAll(plan));
        Assert.False(plan.TryBeginAgain(first, _now));
        Assert.Equal(0, plan.CallWorkers());
        plan.End(first, isFinished: true);
        Assert.Equal((0, 1), (plan.Begun, _partition.Position));
    }

    /// <summary>Against a list of what was told, by chance: the position, the order of keys, and what runs at a time.</summary>
    [Fact]
    public void Whatever_ends_in_whatever_order_keys_keep_theirs_and_the_position_passes_nothing()
    {
        for (var seed = 0UL; seed < 300; seed++)
        {
            var random = new RandomSource(seed);
            _partition.Work = null;
            _partition.Position = 0;
            var plan = Plan(concurrency: 1 + random.Next(5), pending: 1 + random.Next(20));
            var work = plan.Of(_partition);
            var (next, finished, begun, keyOf) = (0L, new HashSet<long>(), new List<WorkItem>(), new Dictionary<long, int?>());
            for (var step = 0; step < 400; step++)
            {
                for (var room = Math.Min(plan.RoomOf(work), random.Next(4)); room > 0; room--)
                {
                    keyOf[next] = random.Next(5) is var key && key == 0 ? null : key;
                    plan.Take(work, plan.Rent() is { } spare ? Set(spare, next) : new WorkItem { Offset = next }, keyOf[next]);
                    next++;
                }
                for (var called = plan.CallWorkers(); called > 0; called--)
                {
                    if (plan.Begin(_now) is { } item)
                        begun.Add(item);
                }
                if (begun.Count == 0)
                    continue;
                var index = random.Next(begun.Count);
                var ended = begun[index];
                begun.RemoveAt(index);
                finished.Add(ended.Offset);
                plan.End(ended, isFinished: true);
                if (plan.Begin(_now) is { } following)
                    begun.Add(following);
                Assert.Equal(begun.Count, begun.Where(item => keyOf[item.Offset] is not null).DistinctBy(item => keyOf[item.Offset]).Count()
                    + begun.Count(item => keyOf[item.Offset] is null));
                var unfinished = 0L;
                while (finished.Contains(unfinished))
                    unfinished++;
                Assert.Equal(unfinished, _partition.Position);
                Assert.All(begun, item => Assert.All(
                    Enumerable.Range(0, (int)item.Offset).Where(before => keyOf[item.Offset] is not null && keyOf[before] == keyOf[item.Offset]),
                    before => Assert.Contains(before, finished)));
            }
            Assert.True(next > 20);
        }
    }

    static WorkItem Set(WorkItem item, long offset)
    {
        item.Offset = offset;
        return item;
    }

    [Fact]
    public void What_was_finished_stays_so_where_reading_goes_on_behind_the_position()
    {
        var plan = Plan();
        Take(plan, _partition, (0, 1), (1, 2), (2, 3), (3, 4));
        var begun = BeginAll(plan);
        foreach (var finished in begun[1..])
            plan.End(finished, isFinished: true);
        plan.LetGo(_partition.Work!);
        plan.End(begun[0], isFinished: false);
        _partition.Work!.GoOn(2, 7);
        Assert.Equal(2, _partition.Position);
        Take(plan, _partition, (2, 3), (3, 4), (4, 5));
        Assert.Equal([4], Offsets(BeginAll(plan)));
        Assert.Equal(4, _partition.Position);
    }
}
