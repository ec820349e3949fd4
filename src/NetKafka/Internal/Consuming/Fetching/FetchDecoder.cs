using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// Walks a Fetch response where it lies, without an object for each part of it. Sequence of calls: <see cref="NextTopic"/>,
/// for each topic <see cref="NextPartition"/> until it is false, then <see cref="ReadEnd"/>.
/// </summary>
ref struct FetchDecoder
{
    const short FirstFlexibleVersion = 12;
    const short FirstVersionWithTopicIds = 13;

    readonly short _version;
    readonly bool _isFlexible;
    KafkaReader _reader;
    int _topicsLeft;
    int _partitionsLeft;

    /// <exception cref="MalformedMessageException">The bytes are no such response.</exception>
    public FetchDecoder(ReadOnlyMemory<byte> body, short version)
    {
        _reader = new KafkaReader(body, "FetchResponse", version);
        _reader.EnsureVersion(version, 4, 18);
        _version = version;
        _isFlexible = version >= FirstFlexibleVersion;
        ThrottleTimeMs = _reader.ReadInt32();
        if (version >= 7)
        {
            Error = _reader.ReadErrorCode();
            SessionId = _reader.ReadInt32();
        }
        _topicsLeft = ReadCount(version switch { <= 11 => 6, 12 => 3, _ => 18 });
    }

    public int ThrottleTimeMs { get; }

    public ErrorCode Error { get; } = ErrorCode.None;

    public int SessionId { get; }

    /// <summary>Whether topics are told by their ids, and not by their names.</summary>
    public readonly bool HasTopicIds => _version >= FirstVersionWithTopicIds;

    /// <summary>The next topic: a name in UTF-8 up to version 12, an id from 13 on.</summary>
    public bool NextTopic(out ReadOnlySpan<byte> name, out Guid id)
    {
        name = default;
        id = Guid.Empty;
        if (_topicsLeft == 0)
            return false;
        _topicsLeft--;
        if (HasTopicIds)
            id = _reader.ReadUuid();
        else
            name = (_isFlexible ? _reader.ReadCompactRecords() : _reader.ReadSlice(_reader.ReadInt16())).Span;
        _partitionsLeft = ReadCount(_version switch { <= 4 => 30, <= 10 => 38, 11 => 42, _ => 37 });
        return true;
    }

    /// <summary>The next partition of the topic; false ends the topic.</summary>
    public bool NextPartition(out FetchedRow row)
    {
        row = new FetchedRow { LogStartOffset = -1, PreferredReplica = -1, LeaderId = -1, LeaderEpoch = -1, DivergingEpoch = -1, DivergingEndOffset = -1 };
        if (_partitionsLeft == 0)
        {
            if (_isFlexible)
                _reader.SkipTags();
            return false;
        }
        _partitionsLeft--;
        row.Partition = _reader.ReadInt32();
        row.Error = _reader.ReadErrorCode();
        row.HighWatermark = _reader.ReadInt64();
        row.LastStableOffset = _reader.ReadInt64();
        if (_version >= 5)
            row.LogStartOffset = _reader.ReadInt64();
        row.Aborted = ReadAborted();
        if (_version >= 11)
            row.PreferredReplica = _reader.ReadInt32();
        var records = _isFlexible ? _reader.ReadNullableCompactRecords() : _reader.ReadNullableRecords();
        row.Records = records.GetValueOrDefault();
        row.AreRecordsNull = records is null;
        if (_isFlexible)
            ReadTags(ref row);
        return true;
    }

    /// <summary>What follows the last topic: where the leaders that were named listen (version 16 on).</summary>
    public void ReadEnd(List<BrokerView> endpoints)
    {
        endpoints.Clear();
        if (_isFlexible)
        {
            var tags = _reader.BeginTags();
            while (_reader.NextTag(ref tags))
            {
                if (tags.Tag == 0 && _version >= 16)
                    ReadEndpoints(endpoints);
                else
                    _reader.SkipTag();
            }
        }
        _reader.EnsureEnd();
    }

    AbortedTransaction[]? ReadAborted()
    {
        const int Bytes = 16;
        const int FlexibleBytes = 17;
        var count = _isFlexible
            ? _reader.ReadNullableCompactArrayLength(FlexibleBytes, Bytes)
            : _reader.ReadNullableArrayLength(Bytes, Bytes);
        if (count <= 0)
            return null;
        var aborted = new AbortedTransaction[count];
        for (var i = 0; i < count; i++)
        {
            aborted[i] = new AbortedTransaction(_reader.ReadInt64(), _reader.ReadInt64());
            if (_isFlexible)
                _reader.SkipTags();
        }
        return aborted;
    }

    void ReadTags(ref FetchedRow row)
    {
        var tags = _reader.BeginTags();
        while (_reader.NextTag(ref tags))
        {
            switch (tags.Tag)
            {
                case 0:
                    (row.DivergingEpoch, row.DivergingEndOffset) = (_reader.ReadInt32(), _reader.ReadInt64());
                    _reader.SkipTags();
                    break;
                case 1:
                    (row.LeaderId, row.LeaderEpoch) = (_reader.ReadInt32(), _reader.ReadInt32());
                    _reader.SkipTags();
                    break;
                default:
                    _reader.SkipTag();
                    break;
            }
        }
    }

    void ReadEndpoints(List<BrokerView> endpoints)
    {
        const int FewestBytes = 11;
        const int Cost = 48;
        for (var left = _reader.ReadCompactArrayLength(FewestBytes, Cost); left > 0; left--)
        {
            endpoints.Add(new BrokerView(
                _reader.ReadInt32(), _reader.ReadCompactString(), _reader.ReadInt32(), _reader.ReadNullableCompactString()));
            _reader.SkipTags();
        }
    }

    int ReadCount(int fewestBytes) =>
        _isFlexible ? _reader.ReadCompactArrayLength(fewestBytes, 0) : _reader.ReadArrayLength(fewestBytes, 0);
}
