using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// One cluster for each release, for all tests of a class, with an authorizer. Who comes without a name, as the tests' clients do, may do everything. Where
/// the broker is a process of this machine, it also has a listener SSL, for clients with a certificate, and one SASL_PLAINTEXT, for users with SCRAM credentials.
/// </summary>
public sealed class SecureClusters(KafkaClusters clusters) : IAsyncDisposable
{
    const string Ssl = "SSL";
    const string Sasl = "SASL_PLAINTEXT";

    /// <summary>The user of the certificate, as Kafka names him. He may do nothing but what everybody may.</summary>
    public const string CertifiedUser = "CN=alice";

    /// <summary>The user who may do everything, once he has a SCRAM credential.</summary>
    public const string ScramUser = "scram-admin";

    readonly ConcurrentDictionary<string, Lazy<Task<KafkaCluster>>> _clusters = new();
    readonly TestCertificates _certificates = new("alice");

    public Task<KafkaCluster> Of(string version) => _clusters.GetOrAdd(version, _ => new(() => clusters.Own(version, settings: Settings, listeners: [Ssl, Sasl]))).Value;

    /// <summary>A client with the certificate.</summary>
    public KafkaClient ConnectWithCertificate(KafkaCluster cluster) => new(new KafkaClientOptions
    {
        BootstrapServers = cluster.AddressOf(Ssl),
        ConnectCallback = async (endpoint, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endpoint, cancellation);
                var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await stream.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = endpoint.Host,
                        ClientCertificateContext = SslStreamCertificateContext.Create(_certificates.Client, additionalCertificates: null, offline: true),
                        CertificateChainPolicy = new X509ChainPolicy
                        {
                            TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _certificates.Authority }, RevocationMode = X509RevocationMode.NoCheck,
                        },
                    },
                    cancellation);
                return stream;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    /// <summary>Java's tool for tokens, with the certificate.</summary>
    public Task<ToolResult> DelegationTokens(KafkaCluster cluster, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        cluster.Tools.DelegationTokensAs(cluster.AddressOf(Ssl), _certificates.ClientProperties, arguments, cancellation);

    /// <summary>Java's tool for configurations, which first proves the user's password.</summary>
    public Task<ToolResult> ConfigsByScram(KafkaCluster cluster, string mechanism, string password, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        cluster.Tools.ConfigsAs(
            cluster.AddressOf(Sasl),
            [
                "security.protocol=SASL_PLAINTEXT",
                $"sasl.mechanism={mechanism}",
                $"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"{ScramUser}\" password=\"{password}\";",
            ],
            arguments, cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters.Values)
        {
            if (cluster.Value.IsCompletedSuccessfully)
                await cluster.Value.Result.DisposeAsync();
        }
        _certificates.Dispose();
    }

    Dictionary<string, string> Settings => new(_certificates.BrokerSettings)
    {
        ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        ["super.users"] = $"User:ANONYMOUS;User:{ScramUser}",
        ["delegation.token.secret.key"] = "for-tests-only",
        ["listener.name.sasl_plaintext.sasl.enabled.mechanisms"] = "SCRAM-SHA-256,SCRAM-SHA-512",
        ["listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        ["listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    };
}
