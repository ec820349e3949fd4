using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// P20 of transactions by the rules of version 1: under the epoch of an end whose answer was lost no other transaction begins, since
/// what was sent may come a second time and end it.
/// </summary>
sealed class LateEndChecker(Violations violations)
{
    const short LastEndOfVersion1 = 4;
    const short LastAddOfProducers = 3;

    readonly Dictionary<(long ProducerId, short Epoch), int> _unheard = [];

    /// <summary>A broker reads a request, and this becomes of it.</summary>
    public void OnRequest(in RequestInfo request, in Fault fault)
    {
        switch (request.ApiKey)
        {
            case ApiKey.EndTxn when request.Version <= LastEndOfVersion1 && fault is { CloseBefore: true } or { CloseAfter: true } or { Silence: true }:
                var end = RequestBody.Read<EndTxnRequest, EndTxnResponse>(request.Frame, request.Version);
                _unheard[(end.ProducerId, end.ProducerEpoch)] = request.Connection;
                break;
            case ApiKey.AddPartitionsToTxn when request.Version <= LastAddOfProducers:
                var partitions = RequestBody.Read<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(request.Frame, request.Version);
                CheckBegin(request, partitions.V3AndBelowProducerId, partitions.V3AndBelowProducerEpoch);
                break;
            case ApiKey.AddOffsetsToTxn:
                var offsets = RequestBody.Read<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(request.Frame, request.Version);
                CheckBegin(request, offsets.ProducerId, offsets.ProducerEpoch);
                break;
        }
    }

    void CheckBegin(in RequestInfo request, long producerId, short epoch)
    {
        // What came by an older connection was sent before the end.
        if (_unheard.TryGetValue((producerId, epoch), out var connection) && request.Connection > connection)
            violations.Add("P20 late ends", $"{request.ClientId} goes on under epoch {epoch} of producer {producerId}, of which an end was never answered");
    }
}
