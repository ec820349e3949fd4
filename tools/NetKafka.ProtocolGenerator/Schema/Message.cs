namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>A request, a response, or data inside one.</summary>
sealed class Message(string name, VersionRange validVersions, VersionRange flexibleVersions)
{
    public string Name { get; } = name;

    public VersionRange ValidVersions { get; } = validVersions;

    public VersionRange FlexibleVersions { get; } = flexibleVersions;

    public Struct Root { get; } = new(name) { Versions = validVersions };

    /// <summary>The structures by the schema's name, in the order in which they first appear.</summary>
    public Dictionary<string, Struct> Structs { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether the field is in the compact form at flexible versions. The client id of a request header is not: a broker
    /// must be able to read it before it knows whether it knows the version.
    /// </summary>
    public VersionRange FlexibleVersionsOf(Field field) =>
        Name == "RequestHeader" && field.Name == "ClientId" ? VersionRange.None : FlexibleVersions;
}
