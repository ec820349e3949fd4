using CsCheck;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class MachineQueueTests
{
    readonly MachineQueue _queue = new();
    readonly Effects _effects = new();
    readonly List<string> _polled = [];

    [Fact]
    public void Ready_machines_are_polled_in_the_order_of_waking()
    {
        var (a, b, c) = (Add("a"), Add("b"), Add("c"));
        Poll(0);
        _polled.Clear();

        c.Wake();
        a.Wake();
        c.Wake();
        b.Wake();
        Poll(0);

        Assert.Equal(["c", "a", "b"], _polled);
    }

    [Fact]
    public void Machine_without_event_and_without_due_deadline_is_not_polled()
    {
        Add("idle");
        var later = Add("later", 100);
        Poll(0);
        _polled.Clear();

        Assert.Equal(new Instant(100), Poll(99));
        Assert.Empty(_polled);
        later.WantsAgainAt = Instant.Never;
        Poll(100);
        Assert.Equal(["later"], _polled);
    }

    [Fact]
    public void Machine_that_another_wakes_is_polled_in_the_same_turn()
    {
        var second = Add("second");
        var first = Add("first");
        Poll(0);
        _polled.Clear();

        first.WhenPolled = second.Wake;
        first.Wake();
        Poll(0);

        Assert.Equal(["first", "second"], _polled);
    }

    [Fact]
    public void Removed_machine_is_not_polled_again()
    {
        var machine = Add("gone", 10);
        Poll(0);
        _polled.Clear();

        machine.Wake();
        _queue.Remove(machine);
        Assert.Equal(Instant.Never, Poll(20));
        Assert.Empty(_polled);
    }

    [Fact]
    public void Machine_that_removes_itself_leaves_no_deadline()
    {
        var machine = Add("gone", 10);
        machine.WhenPolled = () => _queue.Remove(machine);

        Assert.Equal(Instant.Never, Poll(0));
    }

    [Fact]
    public void Machine_that_keeps_waking_itself_ends_the_turn_with_an_error()
    {
        var machine = Add("restless");
        machine.WhenPolled = machine.Wake;

        Assert.Contains("keeps waking itself", Assert.Throws<InvalidOperationException>(() => Poll(0)).Message);
    }

    [Fact]
    public void Deadline_that_is_not_after_now_is_an_error()
    {
        Add("hasty", 5);

        Assert.Contains("not after now", Assert.Throws<InvalidOperationException>(() => Poll(5)).Message);
    }

    [Fact]
    public void Machine_that_throws_does_not_keep_the_others_from_their_turn()
    {
        var bad = Add("bad", 10);
        Add("good");
        bad.WhenPolled = () => throw new DivideByZeroException();

        Assert.Throws<DivideByZeroException>(() => Poll(0));
        Assert.Equal(Instant.Never, Poll(0));
        Assert.Equal(["bad", "good"], _polled);
    }

    /// <summary>Each step gives one of ten machines another deadline, or moves time on.</summary>
    [Fact]
    public void Heap_answers_what_a_sorted_list_answers() =>
        Gen.Select(Gen.Int[0, 10], Gen.Long[1, 40]).Array[1, 120].Sample(steps =>
        {
            var queue = new MachineQueue();
            var effects = new Effects();
            var due = new Instant[10];
            Array.Fill(due, Instant.Never);
            var polled = new List<int>();
            var machines = new Scripted[10];
            for (var i = 0; i < machines.Length; i++)
            {
                var index = i;
                machines[i] = new Scripted { WhenPolled = () => polled.Add(index) };
                queue.Add(machines[i]);
            }
            var now = Instant.Start;
            queue.Poll(now, effects);
            foreach (var (machine, ticks) in steps)
            {
                polled.Clear();
                var expected = new List<int>();
                if (machine == 10)
                {
                    now += TimeSpan.FromTicks(ticks);
                    expected.AddRange(Enumerable.Range(0, 10).Where(i => due[i] <= now));
                    foreach (var i in expected)
                        machines[i].WantsAgainAt = due[i] = Instant.Never;
                }
                else
                {
                    machines[machine].WantsAgainAt = due[machine] = now + TimeSpan.FromTicks(ticks);
                    machines[machine].Wake();
                    expected.Add(machine);
                }
                Assert.Equal(due.Min(), queue.Poll(now, effects));
                Assert.Equal(expected, polled.Order());
            }
        });

    Scripted Add(string name, long dueTicks = long.MaxValue)
    {
        var machine = new Scripted { Name = name, Log = _polled, WantsAgainAt = new Instant(dueTicks) };
        _queue.Add(machine);
        return machine;
    }

    Instant Poll(long ticks) => _queue.Poll(new Instant(ticks), _effects);

    sealed class Scripted : Machine
    {
        public string Name { get; set; } = "";

        public List<string> Log { get; set; } = [];

        public Instant WantsAgainAt { get; set; } = Instant.Never;

        public Action WhenPolled { get; set; } = () => { };

        public override Instant Poll(Instant now, Effects effects)
        {
            Log.Add(Name);
            WhenPolled();
            return WantsAgainAt;
        }
    }
}
