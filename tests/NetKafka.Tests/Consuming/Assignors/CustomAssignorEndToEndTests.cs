using System.Text;
using NetKafka.Consuming;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>Assignors of the application against the embedded Kafka, over in-memory streams.</summary>
public sealed class CustomAssignorEndToEndTests : IAsyncDisposable
{
    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 1, DefaultPartitions = 4 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(TimeSpan.FromSeconds(60));

    public CustomAssignorEndToEndTests() =>
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task Group_is_shared_by_what_its_members_say_of_themselves()
    {
        await using (var producer = _kafka.CreateProducer<string, string>())
        {
            for (var i = 0; i < 40; i++)
                await producer.ProduceAsync("payments", $"{i}", $"{i}", _end.Token);
        }
        var small = Member(new ByWeight(1));
        var large = Member(new ByWeight(3));
        await using (small.Consumer)
        await using (large.Consumer)
        {
            var reading = Task.WhenAll(Read(small.Consumer), Read(large.Consumer));
            Assert.Equal(1, await small.Assignor.Weights(count: 1, of: 4).WaitAsync(_end.Token));
            Assert.Equal(3, await large.Assignor.Weights(count: 3, of: 4).WaitAsync(_end.Token));
            await small.Consumer.DisposeAsync();
            await large.Consumer.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        }
    }

    [Fact]
    public async Task Assignor_that_throws_ends_the_loop_that_reads_with_its_name()
    {
        await using var consumer = _kafka.CreateConsumer<string, string>(Options(new Broken()));
        var error = await Assert.ThrowsAsync<KafkaException>(() => Read(consumer));
        Assert.Contains("assignor 'broken' (Broken) threw in Assign: no idea", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    (Consumer<string, string> Consumer, ByWeight Assignor) Member(ByWeight assignor) => (_kafka.CreateConsumer<string, string>(Options(assignor)), assignor);

    static ConsumerOptions Options(ConsumerPartitionAssignor assignor) => new()
    {
        GroupId = "group", Topics = ["payments"], CustomAssignors = [assignor], PartitionAssignmentStrategies = [],
        AutoOffsetReset = AutoOffsetReset.Earliest, HeartbeatInterval = TimeSpan.FromMilliseconds(50),
    };

    async Task Read(Consumer<string, string> consumer)
    {
        await foreach (var _ in consumer.ReadAllAsync(_end.Token))
        {
        }
    }

    /// <summary>Each member says how much it can bear, and gets partitions by that.</summary>
    sealed class ByWeight(int weight) : ConsumerPartitionAssignor
    {
        readonly Dictionary<(int Count, int Of), TaskCompletionSource<int>> _waits = [];
        readonly Lock _gate = new();

        public override string Name => "by-weight";

        /// <summary>Completes with the number of partitions once it is so many, while the members together bear so much.</summary>
        public Task<int> Weights(int count, int of) => Wait(count, of).Task;

        public override ReadOnlyMemory<byte> SubscriptionUserData(IReadOnlyList<string> topics) => new[] { (byte)weight };

        public override GroupAssignment Assign(GroupSubscription group)
        {
            var assignment = new GroupAssignment();
            List<string> turns = [.. group.Members.SelectMany(member => Enumerable.Repeat(member.MemberId, member.UserData.Span[0]))];
            var turn = 0;
            foreach (var topic in group.Topics)
            {
                foreach (var partition in topic.Partitions)
                    assignment.Add(turns[turn++ % turns.Count], new TopicPartition(topic.Name, partition.Partition));
            }
            foreach (var memberId in assignment.MemberIds.ToList())
                assignment.SetUserData(memberId, Encoding.UTF8.GetBytes($"{turns.Count}"));
            return assignment;
        }

        public override void OnAssignment(MemberAssignment assignment, ConsumerGroupMetadata group)
        {
            if (assignment.UserData.Length > 0)
                Wait(assignment.Partitions.Count, int.Parse(Encoding.UTF8.GetString(assignment.UserData.Span), System.Globalization.CultureInfo.InvariantCulture)).TrySetResult(assignment.Partitions.Count);
        }

        TaskCompletionSource<int> Wait(int count, int of)
        {
            lock (_gate)
            {
                if (!_waits.TryGetValue((count, of), out var wait))
                    _waits.Add((count, of), wait = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
                return wait;
            }
        }
    }

    sealed class Broken : ConsumerPartitionAssignor
    {
        public override string Name => "broken";

        public override GroupAssignment Assign(GroupSubscription group) => throw new InvalidOperationException("no idea");
    }
}
