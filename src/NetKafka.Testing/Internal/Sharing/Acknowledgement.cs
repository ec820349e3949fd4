using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>What a member says of a range of offsets: one type for all or one for each.</summary>
readonly record struct Acknowledgement(long First, long Last, sbyte[] Types)
{
    /// <summary>There is no record at the offset.</summary>
    internal const sbyte Gap = 0;

    internal const sbyte Accept = 1;
    internal const sbyte Release = 2;
    internal const sbyte Reject = 3;

    /// <summary>It is still being processed: its lock begins anew (KIP-1222).</summary>
    internal const sbyte Renew = 4;

    internal sbyte TypeAt(long offset) => Types.Length == 1 ? Types[0] : Types[offset - First];

    /// <summary>Whether the shape of one partition's acknowledgements is that of none.</summary>
    internal static bool AreMalformed(Acknowledgement[] all, bool knowsRenew, bool isRenew)
    {
        var before = -1L;
        foreach (var (first, last, types) in all)
        {
            if (last < first || first < before || types.Length == 0 || (types.Length > 1 && types.Length != last - first + 1))
                return true;
            foreach (var type in types)
            {
                if (type < Gap || type > (knowsRenew ? Renew : Reject) || (type == Renew && !isRenew))
                    return true;
            }

            before = last;
        }

        return false;
    }
}

/// <summary>How an acknowledgement ended; the default is well.</summary>
readonly record struct AcknowledgeResult(ErrorCode Error, string? Message)
{
    internal static AcknowledgeResult Done => default;

    internal bool IsDone => Error == ErrorCode.None;

    internal static AcknowledgeResult InvalidState(string message) => new(ErrorCode.InvalidRecordState, message);

    internal static AcknowledgeResult InvalidRequest(string message) => new(ErrorCode.InvalidRequest, message);
}
