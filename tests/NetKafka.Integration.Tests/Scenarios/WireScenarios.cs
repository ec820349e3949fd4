using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>
/// What brokers answer to single requests, right ones and wrong ones, error codes included: the same on every target. What the
/// simulation proves of the client it proves against a cluster that answers so.
/// </summary>
public abstract partial class WireScenarios
{
    protected abstract Task<KafkaTarget> Target();

    /// <summary>A target, a way to ask it, and a topic of one partition.</summary>
    sealed class Bench : IAsyncDisposable
    {
        Bench(KafkaTarget target, string topic) => (Target, Topic, Wire) = (target, topic, new RawWire(target));

        public KafkaTarget Target { get; }

        public string Topic { get; }

        public RawWire Wire { get; }

        public string Group { get; } = TestSettings.NewName("group");

        public static async Task<Bench> On(Task<KafkaTarget> target, IReadOnlyDictionary<string, string>? settings = null)
        {
            var on = await target;
            return new Bench(on, await on.CreateTopic(1, settings, TestContext.Current.CancellationToken));
        }

        public async ValueTask DisposeAsync()
        {
            await Wire.DisposeAsync();
            await Target.DisposeAsync();
        }
    }

    Task<Bench> Begin(IReadOnlyDictionary<string, string>? settings = null) => Bench.On(Target(), settings);
}
