using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using static NetKafka.Tests.Consuming.Sharing.ShareHarness;

namespace NetKafka.Tests.Consuming.Sharing;

/// <summary>Locks that are renewed (KIP-1222), by hand-made time.</summary>
public sealed class ShareRenewalTests
{
    static readonly TimeSpan HalfALock = TimeSpan.FromMilliseconds(LockMs / 2);

    [Fact]
    public void Renewal_is_sent_at_once_and_another_word_may_follow_it()
    {
        var it = With(1);
        var record = it.Read();
        it.Say(record, Renew);
        var (sent, body) = it.TakeAcknowledge();
        Assert.True(body.IsRenewAck);
        Assert.Equal(["0-0:4"], Said(body));

        // It waits for the answer, since one request is under way at a time.
        it.Say(record, Accept);
        it.Answer(sent, Acknowledged((0, ErrorCode.None)));
        it.Wait();
        var (fetch, word) = it.TakeFetch();
        Assert.Equal(["0-0:1"], Said(word));
        // What is told is the renewal, and not the word behind it.
        Assert.Equal([(true, true)], it.Told.Select(static told => (told.IsRenewal, told.IsCommitted)));
        it.Answer(fetch, Acquired([]));
        Assert.Equal([(true, true), (false, true)], it.Told.Select(static told => (told.IsRenewal, told.IsCommitted)));
    }

    [Fact]
    public void Renewed_lock_lasts_from_when_it_was_asked_for()
    {
        var it = With(2);
        it.Say(it.Read(), Renew);
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.None)));
        it.Pass(HalfALock);
        it.Machine.RenewsLocks = true;
        it.Turn();
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.None)));
        it.Pass(HalfALock + HalfALock / 2);
        Assert.Equal([1], it.ReadAll());
    }

    [Fact]
    public void Locks_in_hand_are_renewed_by_themselves_when_half_of_their_time_is_over()
    {
        var it = With(3);
        it.Machine.RenewsLocks = true;
        it.Say(it.Read(), Accept);
        it.Pass(HalfALock - Second);
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.None)));
        it.Pass(Second);
        var (sent, body) = it.TakeAcknowledge();
        Assert.Equal(["1-2:4"], Said(body));
        it.Answer(sent, Acknowledged((0, ErrorCode.None)));
        it.Pass(HalfALock - Second);
        Assert.Equal(0, it.Count(ApiKey.ShareAcknowledge));
        it.Pass(Second);
        Assert.Equal(["1-2:4"], Said(it.TakeAcknowledge().Body));
    }

    [Fact]
    public void Record_that_was_given_up_is_not_renewed_and_what_is_said_of_it_is_refused()
    {
        var it = With(2);
        it.Machine.RenewsLocks = true;
        var slow = it.Read();
        it.Queue.GiveUp((Internal.Consuming.Sharing.AcquiredBatch)slow.Acquired!, slow.Index);
        it.Pass(HalfALock);
        Assert.Equal(["1-1:4"], Said(it.TakeAcknowledge().Body));
        it.Say(slow, Accept);
        Assert.Equal(ErrorCode.InvalidRecordState, Assert.Single(it.Told).Error!.Code);
    }

    [Fact]
    public void Renewal_that_is_refused_has_the_record_lost()
    {
        var it = With(1);
        var record = it.Read();
        it.Say(record, Renew);
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.InvalidRecordState)));
        Assert.Equal(ErrorCode.InvalidRecordState, Assert.Single(it.Told).Error!.Code);
        it.Say(record, Accept);
        Assert.Equal(2, it.Told.Count);
    }

    [Fact]
    public void Broker_that_renews_no_locks_is_not_asked_again_and_what_else_was_said_is_sent()
    {
        var it = With(2);
        it.Machine.RenewsLocks = true;
        it.Pass(HalfALock - TimeSpan.FromMilliseconds(1));
        it.Say(it.Read(), Accept);
        it.Pass(TimeSpan.FromMilliseconds(1));
        var (sent, body) = it.TakeAcknowledge();
        Assert.Equal(["0-0:1", "1-1:4"], Said(body));
        it.Fail(sent, RequestFailureReason.UnsupportedVersion);
        Assert.Equal(ErrorCode.UnsupportedVersion, Assert.Single(it.Told).Error!.Code);
        it.Pass(it.Options.FetchMaxWait);
        var (_, again) = it.TakeAcknowledge();
        Assert.False(again.IsRenewAck);
        Assert.Equal(["0-0:1"], Said(again));
    }

    /// <summary>A member that acknowledges by itself and has so many records.</summary>
    static ShareHarness With(int records)
    {
        var it = Member(static options => options.AcknowledgementMode = ShareAcknowledgementMode.Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, records), (0, records - 1)));
        return it;
    }
}
