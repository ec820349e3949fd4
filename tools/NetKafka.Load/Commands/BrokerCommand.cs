using NetKafka.Load.Broker;

namespace NetKafka.Load.Commands;

/// <summary><c>broker</c>: a null broker, until its input ends or it is told to stop.</summary>
static class BrokerCommand
{
    public const string Usage =
        """
        broker [--port P] [--partitions 6] [--value-bytes 100] [--batch-bytes 65536] [--set-bytes 524288]
               [--delay MS] [--pause-every S --pause-for S] [--first-pause S] [--check] [--attached]
               [--layout free|pinned|one-core]
            Prints its port, and for each line of input its counts. With --attached it ends when its input does.
            A topic's name says what is in it: load-b1024-p6-lz4.
        """;

    public static async Task<int> RunAsync(CommandLine line)
    {
        var defaults = new BrokerOptions();
        using var broker = new NullBroker(new BrokerOptions
        {
            Port = line.Number("port", 0),
            Partitions = line.Number("partitions", defaults.Partitions),
            ValueBytes = line.Number("value-bytes", defaults.ValueBytes),
            BatchBytes = line.Number("batch-bytes", defaults.BatchBytes),
            SetBytes = line.Number("set-bytes", defaults.SetBytes),
            Delay = line.Milliseconds("delay", TimeSpan.Zero),
            PauseEvery = line.Seconds("pause-every", TimeSpan.Zero),
            PauseFor = line.Seconds("pause-for", TimeSpan.Zero),
            FirstPause = line.Seconds("first-pause", TimeSpan.Zero),
            IsChecking = line.Has("check"),
        });
        Console.WriteLine($"listening on 127.0.0.1:{broker.Port}");
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(broker.Counts.Totals);
        if (!line.Has("attached"))
            await Task.Delay(Timeout.InfiniteTimeSpan);
        Console.WriteLine(broker.Counts.Totals);
        return 0;
    }
}
