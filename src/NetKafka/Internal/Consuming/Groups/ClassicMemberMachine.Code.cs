using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <content>
/// Where the application's own assignors take part. Their code runs on the dispatcher and one piece at a time; the member waits for it where
/// it stands (before a join, before it says what was shared out, before it takes its share), for MaxPollInterval at most. Whatever moves the
/// member on meanwhile lets the end of the code count for nothing.
/// </content>
sealed partial class ClassicMemberMachine
{
    CodeRun? _code;
    bool _isCodeBusy;
    bool _hasUserData;
    LeaderShares? _shares;

    /// <summary>Whether the assignors have said what the next join is to tell; asks them if not.</summary>
    bool HasUserData()
    {
        List<CustomAssignor> custom = [.. _assignors.OfType<CustomAssignor>()];
        if (_hasUserData || custom.Count == 0)
            return true;
        IReadOnlyList<string> topics = _context.Subscription.Topics;
        Run(
            "SubscriptionUserData",
            () =>
            {
                foreach (var assignor in custom)
                    assignor.AskUserData(topics);
            },
            () => _hasUserData = true);
        return false;
    }

    /// <summary>Whether the leader's assignor has shared out; asks it if not.</summary>
    bool HasShares()
    {
        if (_shares is not null)
            return true;
        if (IsRunning)
            return false;
        var share = _leader.Share();
        if (_leader.Assignor is not CustomAssignor)
        {
            _shares = share();
            return true;
        }
        LeaderShares? shares = null;
        Run("Assign", () => shares = share(), () => _shares = shares);
        return false;
    }

    SyncGroupRequest.SyncGroupRequestAssignment[] TakeShares(Instant now)
    {
        _led = (MemberId, Generation);
        var shares = _shares!;
        _shares = null;
        _shareAgainAt = _leader.HasWithheld(shares) ? now + _context.Options.MaxPollInterval : Instant.Never;
        return shares.Assignments;
    }

    /// <summary>Takes the share, once an assignor of the application was told of it.</summary>
    void TellAssignor(byte[] assignment)
    {
        if (_assignors.Find(assignor => assignor.Name == _protocol) is not CustomAssignor assignor)
        {
            TakeShare(assignment);
            return;
        }
        var metadata = new ConsumerGroupMetadata(Group, MemberId, Generation, _context.Options.GroupInstanceId);
        MemberAssignment told;
        try
        {
            told = new MemberAssignment([.. GroupMessages.ReadAssignment(assignment)], GroupMessages.ReadAssignmentUserData(assignment));
        }
        catch (MalformedMessageException)
        {
            TakeShare(assignment);
            return;
        }
        Run("OnAssignment", () => assignor.Tell(told, metadata), () => TakeShare(assignment));
    }

    bool IsRunning => _code is { } code && code.Attempt == _attempt && code.State == State;

    void Run(string what, Action code, Action onEnd)
    {
        if (IsRunning)
            return;
        var run = new CodeRun(what, _attempt, State);
        run.Dispatch = _context.MakeCodeRun!(code, error => OnCodeEnded(run, error, onEnd));
        _code = run;
        Wake();
    }

    void OnCodeEnded(CodeRun run, Exception? error, Action onEnd)
    {
        _isCodeBusy = false;
        Wake();
        if (run != _code || !IsRunning)
            return;
        _code = null;
        if (error is null)
            onEnd();
        else
            Fail(error as KafkaException ?? new KafkaException($"Group '{Group}': an assignor failed: {error.Message}", error) { IsFatal = true });
    }

    /// <summary>Sends the application's code off, and does not wait for it for ever.</summary>
    Instant WatchCode(Instant now, Effects effects)
    {
        if (!IsRunning)
        {
            _code = null;
            return Instant.Never;
        }
        var code = _code!;
        code.Until = Instant.Earlier(code.Until, now + _context.Options.MaxPollInterval);
        // What an earlier step does not wait for any more may still run.
        if (!_isCodeBusy && code.Dispatch is { } dispatch)
        {
            (code.Dispatch, _isCodeBusy) = (null, true);
            effects.Dispatch(dispatch);
        }
        if (code.Until > now)
            return code.Until;
        _code = null;
        Fail(new KafkaTimeoutException(
            $"Group '{Group}': {code.What} of an assignor (CustomAssignors) did not end within {_context.Options.MaxPollInterval} "
                + "(MaxPollInterval), and the rebalance waits for it.", "assignor")
        { IsFatal = true });
        return Instant.Never;
    }

    /// <summary>One piece of the application's code, and where the member was when it was begun.</summary>
    sealed class CodeRun(string what, int attempt, MemberState state)
    {
        public string What { get; } = what;

        public int Attempt { get; } = attempt;

        public MemberState State { get; } = state;

        /// <summary>Null once it was sent off.</summary>
        public Dispatch? Dispatch { get; set; }

        public Instant Until { get; set; } = Instant.Never;
    }
}
