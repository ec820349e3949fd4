namespace NetKafka.Internal.Kernel;

/// <summary>
/// A call of the user that a machine answers once: with a result or with an error. What is answered later than once is
/// dropped, so that a deadline, a cancellation and an answer may race.
/// </summary>
abstract class Call<T>(Instant deadline) : Dispatch, ICall
{
    /// <summary>The moment by which the call must have its answer.</summary>
    public Instant Deadline { get; } = deadline;

    public bool IsAnswered { get; private set; }

    protected T? Result { get; private set; }

    protected Exception? Error { get; private set; }

    /// <summary>Makes the call as good as new, once its answer was read.</summary>
    protected void Renew() => (IsAnswered, Result, Error) = (false, default, null);

    public void Succeed(T result, Effects effects)
    {
        if (IsAnswered)
            return;
        IsAnswered = true;
        Result = result;
        effects.Dispatch(this);
    }

    public void Fail(Exception error, Effects effects)
    {
        if (IsAnswered)
            return;
        IsAnswered = true;
        Error = error;
        effects.Dispatch(this);
    }
}
