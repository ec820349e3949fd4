using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>The end of a consumer, of whichever kind, on its way. Every step ends with the deadline of the whole.</summary>
/// <param name="deadline">When it is over at the latest.</param>
/// <param name="owner">Whose end it is.</param>
sealed class Closing(Instant deadline, IClosingOwner owner)
{
    readonly List<Call<bool>> _calls = [];

    public Instant Deadline { get; } = deadline;

    public CloseStep Step { get; private set; }

    public bool IsClosed => Step == CloseStep.Closed;

    /// <summary>A call is answered when the consumer has ended.</summary>
    public void Add(Call<bool> call) => _calls.Add(call);

    /// <summary>What was held is given up: the group is to be left. Once the end has got further this says nothing.</summary>
    public void OnReleased()
    {
        if (Step == CloseStep.Releasing)
            Step = CloseStep.Leaving;
    }

    public Instant Poll(Instant now, Effects effects)
    {
        if (!IsClosed && Deadline <= now)
            Step = CloseStep.Ended;
        if (Step == CloseStep.Leaving)
        {
            Step = CloseStep.AwaitingLeave;
            owner.LeaveGroup(Deadline, OnLeft);
        }
        if (Step == CloseStep.Ended)
        {
            owner.End(effects);
            Step = CloseStep.Closed;
        }
        if (!IsClosed)
            return Deadline;
        Answer(effects);
        return Instant.Never;
    }

    /// <summary>Nothing is waited for any more, since a defect has ended the consumer.</summary>
    public void Answer(Effects effects)
    {
        foreach (var call in _calls)
            call.Succeed(true, effects);
        _calls.Clear();
    }

    void OnLeft()
    {
        if (IsClosed)
            return;
        Step = CloseStep.Ended;
        owner.Wake();
    }
}
