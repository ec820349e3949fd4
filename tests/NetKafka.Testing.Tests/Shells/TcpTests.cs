using System.Net.Sockets;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Shells;

public sealed class TcpTests
{
    [Fact]
    public async Task Brokers_are_reached_at_the_ports_that_metadata_names()
    {
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true, Brokers = 2 });
        await using var client = await ConnectAsync(kafka.BootstrapServers.Split(',')[0]);

        var brokers = (await client.AskAsync(new MetadataRequest { Topics = null }, 12)).Brokers;

        Assert.Equal(kafka.BootstrapServers, string.Join(',', brokers.Select(broker => $"{broker.Host}:{broker.Port}")));
        await using var second = await ConnectAsync($"{brokers[1].Host}:{brokers[1].Port}");
        Assert.NotEmpty((await second.AskAsync(new ApiVersionsRequest(), 3)).ApiKeys);
    }

    [Fact]
    public async Task Records_go_through_a_socket_and_back()
    {
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true });
        kafka.CreateTopic("payments");
        await using var client = await ConnectAsync(kafka.BootstrapServers);
        var batch = Batches.Create([new string('x', 500_000)], 5_000);

        await client.AskAsync(Requests.ProduceOf("payments", batch), 12);
        var fetched = await client.AskAsync(Requests.FetchOf("payments", 0), 12);

        Assert.Equal(batch.Length, fetched.Responses[0].Partitions[0].Records!.Value.Length);
        Assert.Single(kafka.ReadLog("payments", 0));
    }

    [Fact]
    public async Task Stopped_broker_closes_its_port_and_is_back_at_the_same()
    {
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true });
        await using var client = await ConnectAsync(kafka.BootstrapServers);
        // A connection that was not accepted yet would be reset with the port, and not closed.
        await client.AskAsync(new ApiVersionsRequest(), 3);
        kafka.StopBroker(1);

        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1]));
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(kafka.BootstrapServers));
        kafka.StartBroker(1);
        await using var again = await ConnectAsync(kafka.BootstrapServers);
        Assert.NotEmpty((await again.AskAsync(new ApiVersionsRequest(), 3)).ApiKeys);
    }

    [Fact]
    public async Task Dispose_closes_open_connections()
    {
        var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true });
        await using var client = await ConnectAsync(kafka.BootstrapServers);
        await client.AskAsync(new ApiVersionsRequest(), 3);
        await kafka.DisposeAsync();

        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task Garbage_closes_its_connection_only()
    {
        await using var kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true });
        await using var good = await ConnectAsync(kafka.BootstrapServers);
        await using var bad = await ConnectAsync(kafka.BootstrapServers);
        await bad.Stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Equal(0, await bad.Stream.ReadAsync(new byte[1]));
        Assert.NotEmpty((await good.AskAsync(new ApiVersionsRequest(), 3)).ApiKeys);
    }

    static async Task<WireClient> ConnectAsync(string address)
    {
        var parts = address.Split(':');
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(parts[0], int.Parse(parts[1]));
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new WireClient(new NetworkStream(socket, ownsSocket: true));
    }
}
