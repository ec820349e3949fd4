using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>An authority, and certificates of it for a broker of this machine and for one client.</summary>
sealed class TestCertificates : IDisposable
{
    readonly X509Certificate2 _authority;
    readonly (string Certificate, string Key) _broker;
    readonly (string Certificate, string Key) _client;

    public TestCertificates(string user)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _broker = Issue("broker");
        _client = Issue(user);
        using var client = X509Certificate2.CreateFromPem(_client.Certificate, _client.Key);
        // A certificate whose key is in memory alone is no good to TLS on every system.
        Client = X509CertificateLoader.LoadPkcs12(client.Export(X509ContentType.Pkcs12), null);
    }

    public X509Certificate2 Client { get; }

    public X509Certificate2 Authority => _authority;

    /// <summary>Settings of a broker that asks clients for their certificates; in a file of properties \n is the end of a line.</summary>
    public IEnumerable<KeyValuePair<string, string>> BrokerSettings => [.. Stores(_broker), new("ssl.client.auth", "required")];

    /// <summary>Properties of a Java client with the client's certificate.</summary>
    public IEnumerable<string> ClientProperties => Stores(_client).Append(new("security.protocol", "SSL")).Select(static property => $"{property.Key}={property.Value}");

    public void Dispose()
    {
        Client.Dispose();
        _authority.Dispose();
    }

    (string Certificate, string Key) Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, _authority.NotBefore, _authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    IEnumerable<KeyValuePair<string, string>> Stores((string Certificate, string Key) own) =>
    [
        new("ssl.keystore.type", "PEM"),
        new("ssl.keystore.certificate.chain", OneLine(own.Certificate)),
        new("ssl.keystore.key", OneLine(own.Key)),
        new("ssl.truststore.type", "PEM"),
        new("ssl.truststore.certificates", OneLine(_authority.ExportCertificatePem())),
    ];

    static string OneLine(string pem) => pem.ReplaceLineEndings("\\n");
}
