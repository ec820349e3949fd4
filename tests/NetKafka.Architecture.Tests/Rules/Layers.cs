using Microsoft.CodeAnalysis;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>The layers inside src/NetKafka, lowest first, and the one place that says which types stand on top.</summary>
static class Layers
{
    /// <summary>
    /// The types that users create or are handed and that call into the runtime; they may live in the root or in a feature's
    /// folder. Everything else there is vocabulary.
    /// </summary>
    static readonly HashSet<string> EntryTypes =
    [
        "KafkaClient",
        "Producer", "KafkaProducer",
        "Consumer", "KafkaConsumer", "ShareConsumer",
        "Admin", "KafkaAdmin",
    ];

    static readonly string[] FeatureFolders =
        ["Producing", "Consuming", "Administration", "Security", "Serialization", "Diagnostics"];

    static readonly Dictionary<string, int> InternalLevels = new()
    {
        ["Kernel"] = 1,
        ["Connections"] = 2,
        ["Cluster"] = 3,
        ["Producing"] = 4,
        ["Consuming"] = 4,
        ["Administration"] = 4,
        ["Runtime"] = 5,
    };

    const int EntryLevel = 6;

    /// <summary>The layer of a type of NetKafka, a nested one counting as its outermost; null for a type of anyone else.</summary>
    public static Layer? Of(INamedTypeSymbol type)
    {
        while (type.ContainingType is { } outer)
            type = outer;
        return OfName(type.ContainingNamespace.ToDisplayString(), type.Name);
    }

    public static Layer? OfName(string @namespace, string type)
    {
        var parts = @namespace.Split('.');
        if (parts is not ["NetKafka", ..] || parts is ["NetKafka", "Protocol" or "Testing", ..])
            return null;
        if (parts is ["NetKafka", "Internal", ..])
            return OfInternal(@namespace);
        return EntryTypes.Contains(type) ? new Layer(EntryLevel, "entry types") : new Layer(0, "vocabulary");
    }

    /// <summary>The layer that a namespace of Internal stands for; null for other namespaces, which hold vocabulary and entry types.</summary>
    public static Layer? OfInternal(string @namespace) =>
        @namespace.Split('.') is ["NetKafka", "Internal", var folder, ..] && InternalLevels.TryGetValue(folder, out var level)
            ? new Layer(level, $"Internal.{folder}")
            : null;

    public static bool IsFeatureFolder(string folder) => FeatureFolders.Contains(folder);
}

/// <summary>A layer sees itself and the layers of a lower level, never a sibling of its own level.</summary>
sealed record Layer(int Level, string Name)
{
    public bool Sees(Layer other) => other.Level < Level || other == this;
}
