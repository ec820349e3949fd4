using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <summary>
/// Looks at a cluster and changes it. A call on several things has a result for each, so one that fails does not hide the
/// others; what a broker refuses for a passing reason is tried again until the call's deadline.
/// <para>Safe from any thread. Made by <see cref="KafkaClient.CreateAdmin"/>.</para>
/// </summary>
public sealed partial class Admin : IRuntimeOwner, IDisposable
{
    readonly ClientRuntime _runtime;
    readonly AdminOptions _options;
    readonly InquiryMachine _machine;
    readonly InquirySettings _settings;
    readonly PendingCalls _pending = new();
    volatile bool _isDisposed;

    internal Admin(ClientRuntime runtime, AdminOptions options)
    {
        (_runtime, _options) = (runtime, options);
        _machine = new InquiryMachine(runtime.Cluster);
        _settings = new InquirySettings(
            runtime.Options.RequestTimeout, new Backoff(runtime.Options.RetryBackoff, runtime.Options.RetryBackoffMax), runtime.Random);
        runtime.Attach(this);
        runtime.Post(new AddMachine(runtime.Machines, _machine));
    }

    /// <summary>Ends the admin: calls under way fail. The client and its connections stay.</summary>
    /// <returns>Completes when every call has ended.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>As <see cref="DisposeAsync"/>.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _runtime.Detach(this);
        _runtime.Post(new EndOwner(_runtime.Machines, _machine, _pending, new ObjectDisposedException(nameof(Admin))));
    }

    void IRuntimeOwner.OnFault(Exception error) => _runtime.Post(new EndOwner(_runtime.Machines, _machine, _pending, error));

    // Without it an older broker could create the topics that are asked about.
    const short MinMetadataVersion = 4;

    const short FirstMetadataVersionWithIds = 12;

    int TimeoutMs => (int)Math.Min(_options.CallTimeout.TotalMilliseconds, int.MaxValue);

    ValueTask<TResult> Start<TRequest, TResponse, TResult>(CallScope scope, Func<Call<TResult>, Inquiry<TRequest, TResponse, TResult>> create)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse> => Begin(scope, create);

    /// <summary>The time of a call of several steps begins.</summary>
    CallScope Scope(CancellationToken cancellation) => new(cancellation, _runtime.After(_options.CallTimeout));

    ValueTask<TResult> Begin<TResult>(CallScope scope, Func<Call<TResult>, Inquiry> create)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var call = _runtime.CreateCall<TResult>(scope.Deadline ?? _runtime.After(_options.CallTimeout), scope.Cancellation);
        _runtime.Post(new StartInquiry<TResult>(_machine, _pending, create(call), call));
        return call.Task;
    }
}
