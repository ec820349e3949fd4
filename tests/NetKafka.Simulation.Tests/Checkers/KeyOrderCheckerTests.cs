using System.Buffers.Binary;
using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>What is held of members that work on many records at a time: a sound run with one thing planted.</summary>
public sealed class KeyOrderCheckerTests
{
    readonly Violations _violations = new();
    readonly GroupHistory _group;
    readonly LogTruth _truth = new();

    /// <summary>Keys 0, 1, 0, 1, 0, 1, and the last without one.</summary>
    public KeyOrderCheckerTests()
    {
        _group = new GroupHistory(_violations.Add);
        for (var offset = 0; offset < 7; offset++)
            _truth.Records.Add(new LoggedRecord(offset + 100, "t", Guid.Empty, 0, offset, 0, KeyAt(offset) is { } key ? Bytes(key) : null, [], 0));
        _group.Take("a", "t", 0, 0, static _ => true);
    }

    [Fact]
    public void Keys_may_overtake_each_other()
    {
        foreach (var offset in new[] { 0, 2, 6, 1, 4, 3, 5 })
            Deliver(1, offset);
        Assert.Empty(Check());
    }

    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(1, 2, false)]
    [InlineData(2, 3, false)]
    public void Record_may_come_as_often_as_it_lies_at_its_place_in_topics_of_one_name(int topics, int deliveries, bool isSound)
    {
        for (var i = 1; i < topics; i++)
            _truth.Records.Add(_truth.Records[0] with { TopicId = new Guid(i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) });
        for (var i = 0; i < deliveries; i++)
            Deliver(1, 0);
        Assert.Equal(isSound, Check().Count == 0);
    }

    [Fact]
    public void Record_of_a_key_before_an_earlier_one_is_found()
    {
        Deliver(1, 0);
        Deliver(1, 4);
        Finds("P9");
    }

    [Fact]
    public void Record_that_comes_after_a_later_one_of_its_key_is_found()
    {
        Deliver(1, 2);
        Deliver(1, 0);
        Finds("P9");
    }

    [Fact]
    public void Record_that_was_removed_may_be_left_out()
    {
        _truth.Records[2] = _truth.Records[2] with { IsRemoved = true };
        Deliver(1, 0);
        Deliver(1, 4);
        Assert.Empty(Check());
    }

    [Fact]
    public void Record_that_comes_twice_in_one_turn_is_found()
    {
        Deliver(1, 6);
        Deliver(2, 6);
        Assert.Empty(Check());
        Deliver(2, 6);
        Finds("P9");
    }

    [Fact]
    public void Other_record_than_lies_there_is_found()
    {
        _group.Deliver(new KeyedDelivery(new Delivery("a", 1, "t", 0, 1, 555), 1));
        Finds("P2");
    }

    [Fact]
    public void Commit_that_passes_an_unfinished_record_is_found_and_one_up_to_it_is_sound()
    {
        foreach (var offset in new[] { 0, 1, 3 })
            _group.FinishInAnyOrder("a", "t", 0, offset, counts: true);
        _group.Commit("a", "t", 0, 2);
        Assert.Empty(_violations.Kept);
        // Another member finishes what is between: it is no loss, and this one has not done it.
        _group.Finish("b", "t", 0, 2);
        _group.Commit("a", "t", 0, 4);
        Assert.StartsWith("P10", Assert.Single(_violations.Kept).Property);
    }

    [Fact]
    public void Commit_of_what_nobody_has_finished_is_found()
    {
        _group.FinishInAnyOrder("a", "t", 0, 1, counts: true);
        _group.Commit("a", "t", 0, 2);
        Assert.Contains(_violations.Kept, static violation => violation.Property.StartsWith("P11", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_finished_without_a_gap_has_to_be_committed_in_the_end()
    {
        foreach (var offset in new[] { 0, 1, 3 })
            _group.FinishInAnyOrder("a", "t", 0, offset, counts: true);
        _group.CheckCommitted("t", 0, 2);
        Assert.Empty(_violations.Kept);
        _group.CheckCommitted("t", 0, 1);
        Assert.StartsWith("P11", Assert.Single(_violations.Kept).Property);
    }

    static int? KeyAt(int offset) => offset < 6 ? offset % 2 : null;

    static byte[] Bytes(int key)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        return bytes;
    }

    void Deliver(int turn, int offset) => _group.Deliver(new KeyedDelivery(new Delivery("a", turn, "t", 0, offset, offset + 100), KeyAt(offset)));

    IReadOnlyList<Violation> Check()
    {
        KeyOrderChecker.Check(_group, _truth, _violations);
        return [.. _violations.Kept];
    }

    void Finds(string property) => Assert.StartsWith(property, Assert.Single(Check()).Property);
}
