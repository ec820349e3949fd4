namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Waiting for something that comes by itself, and for the end of what must end.</summary>
static class Wait
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until it is so; fails with what was waited for.</summary>
    public static Task Until(Func<bool> isSo, string what, CancellationToken cancellation) =>
        Until(() => Task.FromResult(isSo()), what, cancellation);

    /// <summary>As <see cref="Until(Func{bool}, string, CancellationToken)"/>, where looking means asking somebody.</summary>
    public static async Task Until(Func<Task<bool>> isSo, string what, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        using var looks = new PeriodicTimer(BetweenLooks);
        while (!await isSo())
        {
            try
            {
                await looks.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                Assert.Fail($"Not within {Limit.TotalSeconds} s: {what}.");
            }
        }
    }

    /// <summary>The error that a call ends with. A call that does not end at all is another failure than one that succeeds.</summary>
    public static async Task<TError> Fails<TError>(Func<Task> call)
        where TError : Exception =>
        await Assert.ThrowsAnyAsync<TError>(() => call().WaitAsync(Limit));
}
