using System.Net.Sockets;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>One client's connection: a thread that takes request by request and answers each before it reads the next.</summary>
sealed class BrokerConnection(Socket socket, NullBroker broker)
{
    readonly FrameInput _input = new(socket);
    readonly KafkaWriter _output = new(4096);
    readonly List<ArraySegment<byte>> _pieces = [];
    readonly ProduceAnswers _produce = broker.CreateProduceAnswers();
    readonly FetchAnswers _fetch = broker.CreateFetchAnswers();
    DelayLine? _delayed;

    public void Serve()
    {
        try
        {
            while (_input.TryBegin())
                Take();
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException or ObjectDisposedException)
        {
            // The client has gone.
        }
        catch (Exception error) when (error is InvalidDataException or MalformedMessageException)
        {
            Console.Error.WriteLine(error.Message);
        }
        finally
        {
            _delayed?.Dispose();
            socket.Dispose();
        }
    }

    void Take()
    {
        var key = (ApiKey)_input.ReadInt16();
        var version = _input.ReadInt16();
        var correlationId = _input.ReadInt32();
        var clientIdBytes = _input.ReadInt16();
        if (clientIdBytes > 0)
            _input.Skip(clientIdBytes);
        if (ControlAnswers.HasHeaderTags(key, version))
            SkipHeaderTags();
        _output.Reset();
        if ((short)key == TotalsRequest.ApiKey)
            AnswerTotals(correlationId);
        else if (key == ApiKey.Produce && version is >= ProduceAnswers.LowestVersion and <= ProduceAnswers.HighestVersion)
            AnswerProduce(version, correlationId);
        else if (key == ApiKey.Fetch && version is >= FetchAnswers.LowestVersion and <= FetchAnswers.HighestVersion)
            AnswerFetch(version, correlationId);
        else
            AnswerControl(key, version, correlationId);
    }

    void AnswerProduce(short version, int correlationId)
    {
        var isAnswered = _produce.TryAnswer(_input, version, correlationId, _output);
        broker.Pauses.Wait();
        if (!isAnswered)
            return;
        if (broker.Options.Delay <= TimeSpan.Zero)
            Send();
        else
            (_delayed ??= new DelayLine(socket, broker.Options.Delay)).Send(_output.WrittenSpan);
    }

    void AnswerFetch(short version, int correlationId)
    {
        var request = ResponseFrame.ReadBody<FetchRequest>(ReadRest(), version);
        broker.Pauses.Wait();
        _fetch.Answer(request, version, correlationId, _output, _pieces);
        socket.Send(_pieces);
    }

    void AnswerControl(ApiKey key, short version, int correlationId)
    {
        broker.Pauses.Wait();
        broker.Control.Answer(key, version, correlationId, ReadRest(), _output);
        Send();
    }

    void AnswerTotals(int correlationId)
    {
        _input.Skip(_input.Left);
        _output.WriteInt32(4 + BrokerTotals.Size);
        _output.WriteInt32(correlationId);
        broker.Counts.Totals.Write(_output.Reserve(BrokerTotals.Size));
        Send();
    }

    void Send()
    {
        for (var rest = _output.WrittenSpan; rest.Length > 0;)
            rest = rest[socket.Send(rest)..];
    }

    byte[] ReadRest()
    {
        var rest = new byte[_input.Left];
        _input.Read(rest);
        return rest;
    }

    void SkipHeaderTags()
    {
        for (var tags = _input.ReadUnsignedVarint(); tags > 0; tags--)
        {
            _input.ReadUnsignedVarint();
            _input.Skip(_input.ReadUnsignedVarint());
        }
    }
}
