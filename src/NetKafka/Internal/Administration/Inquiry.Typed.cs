using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>An inquiry of one kind of request, which asks one broker at a time.</summary>
/// <param name="call">The caller's call.</param>
/// <param name="machine">Polled when an answer has come.</param>
/// <param name="settings">How long to wait for what.</param>
sealed class Inquiry<TRequest, TResponse, TResult>(Call<TResult> call, Machine machine, InquirySettings settings) : Inquiry
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IMessage<TResponse>
{
    int _attempts;
    TResponse? _answer;
    RequestFailure? _failure;
    Exception? _lastError;
    BrokerRequest? _underWay;
    bool _wasAnswered;

    /// <summary>What the user wanted, for messages: "The topics could not be created".</summary>
    public required string What { get; init; }

    public required RequestTarget Target { get; init; }

    /// <summary>Makes the request for what is still open, in the version that will be written.</summary>
    public required Func<short, TRequest> Request { get; init; }

    /// <summary>Takes an answer: the result, where everything is answered, or the error to try again after.</summary>
    public required Func<TResponse, Step<TResult>> Take { get; init; }

    /// <summary>What to give at the deadline instead of an error, where a part was answered.</summary>
    public Func<KafkaException, TResult>? Partial { get; init; }

    public short MinVersion { get; init; } = TRequest.LowestVersion;

    public override Instant Deadline => call.Deadline;

    public override bool IsOver => call.IsAnswered;

    public override void Ask(ICluster cluster, Instant now)
    {
        AskAt = Instant.Never;
        _attempts++;
        _underWay = new Exchange<TRequest, TResponse>(Request, OnOutcome)
        {
            MinVersion = MinVersion,
            Timeout = settings.RequestTimeout,
            Deadline = Deadline,
            Owner = machine,
        };
        if (_attempts > 1)
            cluster.Refresh(cluster.View.Generation);
        cluster.Send(_underWay, Target, LaneKey.Admin);
    }

    public override void Conclude(ICluster cluster, Instant now, Effects effects)
    {
        if (IsOver)
        {
            // Cancelled by its caller: the answer finds nobody.
            _underWay?.Abandon();
            return;
        }
        if (_answer is { } answer)
            TakeAnswer(answer, now, effects);
        else if (_failure is { } failure)
            TakeFailure(failure, now, effects);
        (_answer, _failure) = (null, null);
        if (!IsOver && Deadline <= now)
            GiveUp(effects);
    }

    public override void Fail(Exception error, Effects effects)
    {
        _underWay?.Abandon();
        call.Fail(error, effects);
    }

    void OnOutcome(Outcome<TResponse> outcome)
    {
        (_answer, _failure) = (outcome.Response, outcome.Failure);
        _underWay = null;
        machine.Wake();
    }

    void TakeAnswer(TResponse answer, Instant now, Effects effects)
    {
        _wasAnswered = true;
        var step = Take(answer);
        if (step.IsDone)
        {
            call.Succeed(step.Result!, effects);
            return;
        }
        if (step.IsMore)
        {
            (_attempts, AskAt) = (0, now);
            machine.Wake();
            return;
        }
        _lastError = step.Error;
        if (!step.IsRetriable)
        {
            call.Fail(step.Error!, effects);
            return;
        }
        // A quota is waited out by the connection, which obeys the throttle time of the same answer.
        AskAt = now + settings.Backoff.After(_attempts, settings.Random);
    }

    void TakeFailure(RequestFailure failure, Instant now, Effects effects)
    {
        _lastError = KafkaErrors.From(failure, What, _attempts);
        if (failure.IsRetriable)
            AskAt = now + settings.Backoff.After(_attempts, settings.Random);
        else if (failure.Reason == RequestFailureReason.Expired)
            GiveUp(effects);
        else
            call.Fail(_lastError, effects);
    }

    void GiveUp(Effects effects)
    {
        _underWay?.Abandon();
        var why = _lastError is null ? "no broker answered" : $"the last failure: {_lastError.Message}";
        var error = new KafkaTimeoutException($"{What}: the deadline passed after {_attempts} tries; {why}", "answer of the broker", _lastError)
        {
            Attempts = _attempts,
            IsRetriable = true,
        };
        if (Partial is not null && _wasAnswered)
            call.Succeed(Partial(error), effects);
        else
            call.Fail(error, effects);
    }
}
