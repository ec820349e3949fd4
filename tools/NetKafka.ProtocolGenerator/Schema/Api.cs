namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>An API key with its messages; both are null where Kafka has removed the API.</summary>
sealed record Api(
    int Key,
    string Name,
    bool LatestVersionUnstable,
    IReadOnlyList<(int Header, VersionRange Versions)> RequestHeaders,
    IReadOnlyList<(int Header, VersionRange Versions)> ResponseHeaders,
    Message? Request,
    Message? Response);

/// <summary>One error code; the flags say what it means for whoever receives it.</summary>
sealed record Error(int Code, string Name, bool Retriable, bool RefreshMetadata, bool Authorization);
