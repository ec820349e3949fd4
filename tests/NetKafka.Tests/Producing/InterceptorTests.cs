using System.Collections.Concurrent;
using System.Text;
using NetKafka.Producing;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Producing;

/// <summary>Who looks on as records are produced (KIP-42).</summary>
public sealed class InterceptorTests : IAsyncDisposable
{
    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { AutoCreateTopics = false });
    readonly KafkaClient _kafka;

    public InterceptorTests()
    {
        _embedded.CreateTopic("t", 1);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Interceptors_change_a_record_one_after_another_and_hear_of_its_outcome_before_its_callback()
    {
        var told = new ConcurrentQueue<string>();
        await using var producer = Create(
            new Recorder("a", told) { Change = record => record with { Value = record.Value + "1" } },
            new Recorder("b", told) { Change = record => record with { Value = record.Value + "2", Headers = new[] { Header.FromText("seen", "b") } } });
        await producer.PostAsync(
            new ProducerRecord<Nothing, string>("t", default, "x"), report => told.Enqueue($"callback {report.Metadata.Offset} {report.State}"), "state");
        await producer.FlushAsync();

        var record = Assert.Single(_embedded.ReadLog("t", 0));
        Assert.Equal("x12", Encoding.UTF8.GetString(record.Value!.Value.Span));
        Assert.Equal("seen", Assert.Single(record.Headers).Key);
        Assert.Equal(["a 0 state", "b 0 state", "callback 0 state"], told);
    }

    [Fact]
    public async Task Awaited_record_is_told_of_too()
    {
        var told = new ConcurrentQueue<string>();
        await using var producer = Create(new Recorder("a", told));
        Assert.Equal(0, (await producer.ProduceAsync("t", default, "x")).Offset);
        Assert.True(producer.TryPost(new ProducerRecord<Nothing, string>("t", default, "y")));
        await producer.FlushAsync();

        Assert.Equal(["a 0 ", "a 1 "], told);
    }

    [Fact]
    public async Task Record_that_is_refused_before_it_is_buffered_is_told_of_and_its_callback_is_not_called()
    {
        var told = new ConcurrentQueue<string>();
        await using var producer = _kafka.CreateProducer(
            null, Serdes.String, new ProducerOptions { MaxRequestSize = 1024, BatchSize = 1024 }, [new Recorder("a", told)]);
        var large = new ProducerRecord<Nothing, string>("t", default, new string('x', 2000));
        await Assert.ThrowsAsync<ProduceException>(async () => await producer.ProduceAsync(large));
        await Assert.ThrowsAsync<ProduceException>(async () => await producer.PostAsync(large, _ => told.Enqueue("callback")));
        Assert.Throws<ProduceException>(() => producer.TryPost(large, _ => told.Enqueue("callback")));

        Assert.Equal(["a failed", "a failed", "a failed"], told);
    }

    [Fact]
    public async Task Record_that_a_broker_or_its_serializer_refuses_is_told_of_once()
    {
        var told = new ConcurrentQueue<string>();
        await using var producer = _kafka.CreateProducer(null, Serdes.String, null, [new Recorder("a", told)]);
        await Assert.ThrowsAsync<KafkaSerializationException>(async () => await producer.ProduceAsync("t", default, "\ud800"));
        Assert.Equal(["a failed"], told);
        _embedded.CreateTopic("small", 1, configs: new Dictionary<string, string> { ["max.message.bytes"] = "100" });
        await Assert.ThrowsAsync<ProduceException>(async () => await producer.ProduceAsync("small", default, new string('x', 500)));
        Assert.Equal(["a failed", "a failed"], told);
    }

    [Fact]
    public async Task Many_records_are_told_of_in_order()
    {
        var told = new ConcurrentQueue<string>();
        await using var producer = Create(new Recorder("a", told));
        ProducerRecord<Nothing, string>[] records = [.. new[] { "x", "y", "z" }.Select(static value => new ProducerRecord<Nothing, string>("t", default, value))];
        await producer.PostAsync(records, state: "s");
        await producer.FlushAsync();
        Assert.Equal(["a 0 s", "a 1 s", "a 2 s"], told);
    }

    [Fact]
    public async Task What_an_interceptor_throws_is_told_and_hurts_nobody()
    {
        var errors = new ConcurrentQueue<Exception>();
        var told = new ConcurrentQueue<string>();
        await using var producer = _kafka.CreateProducer(
            null, Serdes.String, new ProducerOptions { OnCallbackError = errors.Enqueue }, [new Thrower(), new Recorder("a", told)]);
        await producer.ProduceAsync("t", default, "x");

        Assert.Equal("x", Encoding.UTF8.GetString(Assert.Single(_embedded.ReadLog("t", 0)).Value!.Value.Span));
        Assert.Equal(["a 0 "], told);
        Assert.Equal(["OnProduce", "OnOutcome"], errors.Select(static error => error.Message));
    }

    Producer<Nothing, string> Create(params ProducerInterceptor<Nothing, string>[] interceptors) =>
        _kafka.CreateProducer(null, Serdes.String, null, interceptors);

    sealed class Recorder(string name, ConcurrentQueue<string> told) : ProducerInterceptor<Nothing, string>
    {
        public Func<ProducerRecord<Nothing, string>, ProducerRecord<Nothing, string>> Change { get; init; } = static record => record;

        public override ProducerRecord<Nothing, string> OnProduce(in ProducerRecord<Nothing, string> record) => Change(record);

        public override void OnOutcome(in DeliveryReport report) =>
            told.Enqueue(report.IsDelivered ? $"{name} {report.Metadata.Offset} {report.State}" : $"{name} failed");
    }

    sealed class Thrower : ProducerInterceptor<Nothing, string>
    {
        public override ProducerRecord<Nothing, string> OnProduce(in ProducerRecord<Nothing, string> record) => throw new InvalidOperationException("OnProduce");

        public override void OnOutcome(in DeliveryReport report) => throw new InvalidOperationException("OnOutcome");
    }
}
