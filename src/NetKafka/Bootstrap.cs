using System.Globalization;
using System.Net;

namespace NetKafka;

/// <summary>Reads <see cref="KafkaClientOptions.BootstrapServers"/> and <see cref="KafkaClientOptions.BootstrapControllers"/>.</summary>
static class Bootstrap
{
    const int DefaultPort = 9092;

    /// <summary>The endpoints of a list; what is wrong with it is added to <paramref name="mistakes"/>.</summary>
    public static List<DnsEndPoint> Parse(string? servers, List<string> mistakes, string option = nameof(KafkaClientOptions.BootstrapServers))
    {
        var endpoints = new List<DnsEndPoint>();
        foreach (var server in (servers ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (TryParse(server, out var host, out var port))
                endpoints.Add(new DnsEndPoint(host, port));
            else
                mistakes.Add($"{option} has \"{server}\", which is not host:port with a port of 1 to 65535.");
        }
        return endpoints;
    }

    static bool TryParse(string server, out string host, out int port)
    {
        // A protocol in front, as in PLAINTEXT://host:9092, is how brokers write their listeners.
        var text = server.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? server[(at + 3)..] : server;
        port = DefaultPort;
        var colon = text.LastIndexOf(':');
        var isBareAddress = text.StartsWith('[') ? text.EndsWith(']') : text.IndexOf(':') != colon;
        if (colon < 0 || isBareAddress)
        {
            host = text.Trim('[', ']');
            return host.Length > 0;
        }
        host = text[..colon].Trim('[', ']');
        return host.Length > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }
}
