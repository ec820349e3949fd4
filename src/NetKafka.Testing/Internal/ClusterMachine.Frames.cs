using NetKafka.Protocol;
using NetKafka.Testing.Internal.Apis;

namespace NetKafka.Testing.Internal;

/// <content>From bytes to handlers: frames, request headers, versions, and the faults before handling.</content>
sealed partial class ClusterMachine
{
    int heldLosses;

    void HandleNextFrame(Connection connection)
    {
        if (connection.IsClosed || connection.Current is not null || connection.OutputBytes > MaxUntakenOutputBytes)
            return;
        if (!connection.Input.TryPeekFrame(out var frame, out var isBad))
        {
            if (isBad)
                CloseUnreadable(connection, "its size is none");
            return;
        }

        try
        {
            HandleFrame(connection, frame);
        }
        catch (MalformedMessageException bad)
        {
            CloseUnreadable(connection, bad.Message);
            return;
        }
        catch
        {
            // A fault of the fake itself: its caller hears of it, and the client must not wait for ever.
            Close(connection);
            throw;
        }

        if (connection.IsClosed)
            return;
        connection.Input.Drop(frame);
        if (connection.Current is null)
            MakeRunnable(connection);
    }

    void CloseUnreadable(Connection connection, string problem)
    {
        Faults?.OnUnreadable(problem, connection.Broker.NodeId);
        Close(connection);
    }

    void HandleFrame(Connection connection, ReadOnlyMemory<byte> frame)
    {
        var reader = new KafkaReader(frame, "RequestHeader", 1);
        var key = (ApiKey)reader.ReadInt16();
        var version = reader.ReadInt16();
        var correlationId = reader.ReadInt32();
        var handler = apis.Find(key);
        if (handler is null || !apis.TryGetRange(Settings, handler, out var range))
        {
            Faults?.OnUnspoken(key, version, connection.Broker.NodeId);
            Close(connection);
            return;
        }

        if (version < range.Min || version > range.Max)
        {
            // Only ApiVersions is answered in a version that is not spoken: by version 0, so that the client learns ours.
            if (key == ApiKey.ApiVersions)
            {
                connection.Send(ApiVersionsHandler.EncodeUnsupported(this, correlationId));
            }
            else
            {
                Faults?.OnUnspoken(key, version, connection.Broker.NodeId);
                Close(connection);
            }

            Announce(connection);
            return;
        }

        var clientId = reader.ReadNullableString();
        if (handler.RequestHeaderVersion(version) >= 2)
            reader.SkipTags();
        var body = frame[reader.Position..];
        var request = new IncomingRequest(connection, key, version, correlationId, clientId, body);
        var info = new RequestInfo(connection.Id, connection.Broker.NodeId, key, version, correlationId, clientId, frame);
        Handle(handler, request, Faults?.OnRequest(info, NowMs) ?? default);
    }

    void Handle(ApiHandler handler, IncomingRequest request, Fault fault)
    {
        if (fault.DelayBeforeMs > 0)
        {
            HandleLater(handler, request, fault);
            if (fault.CloseBefore)
                Close(request.Connection);
            return;
        }

        if (fault.CloseBefore)
        {
            Close(request.Connection);
            return;
        }

        handler.Handle(this, request, fault, NowMs);
    }

    /// <summary>
    /// What a broker has read it works off, though its connection may have ended and nobody waits for the answer any more: so a commit may
    /// come behind a later one, and the end of a transaction into the next. It is lost with the broker alone.
    /// </summary>
    void HandleLater(ApiHandler handler, IncomingRequest request, Fault fault)
    {
        var connection = request.Connection;
        var kept = request with { Body = request.Body.ToArray() };
        var (starts, losses) = (connection.Broker.Starts, heldLosses);
        connection.Current = new HeldCall(this, connection, request.Version, request.CorrelationId, request.ClientId);
        Timers.Schedule(NowMs + fault.DelayBeforeMs, _ =>
        {
            if (!connection.Broker.IsUp || connection.Broker.Starts != starts || heldLosses != losses)
                return;
            connection.Current = null;
            try
            {
                Handle(handler, kept, fault with { DelayBeforeMs = 0, CloseBefore = false });
            }
            catch (MalformedMessageException bad)
            {
                CloseUnreadable(connection, bad.Message);
            }

            if (connection.Current is null)
                MakeRunnable(connection);
        });
    }

    /// <summary>Loses the requests that are held, and their connections: nothing of before comes late from now on.</summary>
    internal void LoseHeld(long nowMs)
    {
        Advance(nowMs);
        heldLosses++;
        foreach (var id in connections.Where(c => c.Value.Current is HeldCall).Select(c => c.Key).Order().ToArray())
            Close(connections[id]);
        Drain();
    }

    /// <summary>Holds the place of a request that is not handled yet.</summary>
    sealed class HeldCall(ClusterMachine machine, Connection connection, short version, int correlationId, string? clientId)
        : Call(machine, connection, version, correlationId, clientId);
}
