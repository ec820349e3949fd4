using System.Buffers.Binary;
using System.Net;
using System.Text;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Producing;

/// <summary>
/// A broker in memory that acknowledges every Produce at once from prepared bytes and allocates nothing for it: one topic
/// "t" with one partition, of which it keeps no records. Everything else is answered by the generated messages.
/// </summary>
sealed class InstantBroker
{
    const string Topic = "t";

    public ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellation) => new(new Connection());

    sealed class Connection : Stream
    {
        const short ProduceVersion = 9;

        readonly Lock _gate = new();
        readonly byte[] _out = new byte[64 * 1024];
        readonly byte[] _produceAnswer = PrepareProduceAnswer();
        readonly byte[] _head = new byte[14];
        MemoryStream? _other;
        int _headCount;
        int _bodyLeft;
        int _outStart;
        int _outEnd;
        Reader? _reader;
        readonly Reader _pooledReader = new();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            Reader? reader = null;
            lock (_gate)
            {
                while (!bytes.IsEmpty)
                    bytes = bytes[Take(bytes)..];
                if (_reader is not null && _outEnd > _outStart)
                    (reader, _reader) = (_reader, null);
            }
            reader?.Complete(Drain(reader.Buffer.Span));
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                if (_outEnd > _outStart)
                    return new ValueTask<int>(Drain(buffer.Span));
                _pooledReader.Begin(buffer);
                _reader = _pooledReader;
                return _pooledReader.Task;
            }
        }

        protected override void Dispose(bool disposing)
        {
            Reader? reader;
            lock (_gate)
                (reader, _reader) = (_reader, null);
            reader?.Complete(0);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        int Drain(Span<byte> destination)
        {
            lock (_gate)
            {
                var count = Math.Min(destination.Length, _outEnd - _outStart);
                _out.AsSpan(_outStart, count).CopyTo(destination);
                _outStart += count;
                if (_outStart == _outEnd)
                    _outStart = _outEnd = 0;
                return count;
            }
        }

        /// <summary>Takes a piece of a request; the head tells what it asks.</summary>
        int Take(ReadOnlySpan<byte> bytes)
        {
            if (_headCount < 12)
            {
                var count = Math.Min(12 - _headCount, bytes.Length);
                bytes[..count].CopyTo(_head.AsSpan(_headCount));
                _headCount += count;
                if (_headCount == 12)
                    _bodyLeft = BinaryPrimitives.ReadInt32BigEndian(_head) - 8;
                if (_headCount == 12 && (ApiKey)BinaryPrimitives.ReadInt16BigEndian(_head.AsSpan(4)) != ApiKey.Produce)
                    _other = new MemoryStream();
                return count;
            }
            var taken = Math.Min(_bodyLeft, bytes.Length);
            _other?.Write(bytes[..taken]);
            _bodyLeft -= taken;
            if (_bodyLeft == 0)
            {
                AnswerRequest();
                (_headCount, _other) = (0, null);
            }
            return taken;
        }

        void AnswerRequest()
        {
            var correlationId = BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(8));
            var version = BinaryPrimitives.ReadInt16BigEndian(_head.AsSpan(6));
            if (_other is null)
            {
                BinaryPrimitives.WriteInt32BigEndian(_produceAnswer.AsSpan(4), correlationId);
                Append(_produceAnswer);
                return;
            }
            var writer = new KafkaWriter();
            writer.WriteInt32(0);
            writer.WriteInt32(correlationId);
            switch ((ApiKey)BinaryPrimitives.ReadInt16BigEndian(_head.AsSpan(4)))
            {
                case ApiKey.ApiVersions:
                    new ApiVersionsResponse
                    {
                        ApiKeys =
                        [
                            new() { ApiKey = (short)ApiKey.Produce, MinVersion = 3, MaxVersion = ProduceVersion },
                            new() { ApiKey = (short)ApiKey.Metadata, MinVersion = 0, MaxVersion = 8 },
                            new() { ApiKey = (short)ApiKey.ApiVersions, MinVersion = 0, MaxVersion = 4 },
                            new() { ApiKey = (short)ApiKey.InitProducerId, MinVersion = 0, MaxVersion = 1 },
                        ],
                    }.Write(writer, version);
                    break;
                case ApiKey.Metadata:
                    new MetadataResponse
                    {
                        Brokers = [new() { NodeId = 1, Host = "localhost", Port = 9092 }],
                        Topics = [new() { Name = Topic, Partitions = [new() { LeaderId = 1, LeaderEpoch = 0 }] }],
                    }.Write(writer, version);
                    break;
                default:
                    new InitProducerIdResponse { ProducerId = 1 }.Write(writer, version);
                    break;
            }
            writer.PatchInt32(0, writer.Length - 4);
            Append(writer.WrittenSpan);
        }

        void Append(ReadOnlySpan<byte> answer)
        {
            answer.CopyTo(_out.AsSpan(_outEnd));
            _outEnd += answer.Length;
        }

        static byte[] PrepareProduceAnswer()
        {
            var writer = new KafkaWriter();
            writer.WriteInt32(0);
            writer.WriteInt32(0);
            writer.WriteUnsignedVarint(0);
            new ProduceResponse { Responses = [new() { Name = Topic, PartitionResponses = [new() { BaseOffset = 0 }] }] }.Write(writer, ProduceVersion);
            writer.PatchInt32(0, writer.Length - 4);
            return writer.WrittenSpan.ToArray();
        }
    }

    /// <summary>A read that waits, used again and again.</summary>
    sealed class Reader : System.Threading.Tasks.Sources.IValueTaskSource<int>
    {
        System.Threading.Tasks.Sources.ManualResetValueTaskSourceCore<int> _source;

        public Memory<byte> Buffer { get; private set; }

        public ValueTask<int> Task => new(this, _source.Version);

        public void Begin(Memory<byte> buffer)
        {
            _source.Reset();
            Buffer = buffer;
        }

        public void Complete(int count) => _source.SetResult(count);

        public int GetResult(short token) => _source.GetResult(token);

        public System.Threading.Tasks.Sources.ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, System.Threading.Tasks.Sources.ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);
    }
}
