using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKafka.Load.Placing;

namespace NetKafka.Load.Report;

/// <summary>Where it was measured, and how fast that place is at what every client has to do.</summary>
static class Machine
{
    const string CongestionControl = "/proc/sys/net/ipv4/tcp_congestion_control";

    public static IReadOnlyList<string> Describe(CpuLayout layout, bool isAwake) =>
    [
        $"{Cpu()}, {Environment.ProcessorCount} processors; {RuntimeInformation.OSDescription}",
        $"{RuntimeInformation.FrameworkDescription}, ServerGC {System.Runtime.GCSettings.IsServerGC}, {Placement.Describe(layout)}"
            + (isAwake ? ", cores kept awake while latency is measured" : ""),
        Congestion(),
        MemoryCopies(),
        Loopback(),
    ];

    static string Cpu() => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString()
        : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>BBR halves what a loopback carries; all clients get cubic if we may set it.</summary>
    static string Congestion()
    {
        if (!File.Exists(CongestionControl))
            return "TCP congestion control: unknown";
        var was = File.ReadAllText(CongestionControl).Trim();
        if (was == "cubic")
            return "TCP congestion control: cubic";
        try
        {
            File.WriteAllText(CongestionControl, "cubic");
            return $"TCP congestion control: cubic (was {was})";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"TCP congestion control: {was}, which could not be set to cubic; loopback may be slower for all clients";
        }
    }

    static string MemoryCopies()
    {
        var (source, target) = (new byte[64 << 20], new byte[64 << 20]);
        return string.Create(CultureInfo.InvariantCulture,
            $"memcpy: 100 B {Time(1_000_000, () => source.AsSpan(0, 100).CopyTo(target)):0.0} ns, "
            + $"1 KiB {Time(1_000_000, () => source.AsSpan(0, 1024).CopyTo(target)):0.0} ns, "
            + $"64 MiB {(64 << 20) / Time(20, () => source.AsSpan().CopyTo(target)):0.0} GB/s");
    }

    static string Loopback()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(listener.LocalEndpoint);
        using var server = listener.AcceptSocket();
        server.NoDelay = true;
        const int Bulk = 256 * 1024;
        const int Bulks = 8192;
        var echo = new Thread(() => Serve(server, Bulk, Bulks));
        echo.Start();
        var buffer = new byte[Bulk];
        var times = new double[20_000];
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            client.Send(buffer.AsSpan(0, 120));
            Fill(client, buffer.AsSpan(0, 120));
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Bulks; i++)
            client.Send(buffer);
        echo.Join();
        var bandwidth = (double)Bulk * Bulks / Stopwatch.GetElapsedTime(began).TotalNanoseconds;
        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture,
            $"loopback: {bandwidth:0.0} GB/s in writes of 256 KiB; 120 B ping-pong p50 {times[times.Length / 2]:0.0} µs, p99 {times[times.Length * 99 / 100]:0.0} µs");
    }

    static void Serve(Socket server, int bulk, int bulks)
    {
        var buffer = new byte[bulk];
        for (var i = 0; i < 20_000; i++)
        {
            Fill(server, buffer.AsSpan(0, 120));
            server.Send(buffer.AsSpan(0, 120));
        }
        for (var i = 0; i < bulks; i++)
            Fill(server, buffer);
    }

    static void Fill(Socket socket, Span<byte> target)
    {
        while (target.Length > 0)
            target = target[socket.Receive(target)..];
    }

    /// <summary>Nanoseconds of one call.</summary>
    static double Time(int times, Action action)
    {
        action();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / times;
    }
}
