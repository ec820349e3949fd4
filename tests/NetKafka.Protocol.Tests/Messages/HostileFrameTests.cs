using CsCheck;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>Frames of Java, spoilt: every API in every version that the vectors hold.</summary>
public sealed class HostileFrameTests
{
    static readonly byte[][] Bombs =
    [
        [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0x7f, 0xff], [0x80, 0],
        [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0xff, 0xff, 0x7f],
    ];

    static readonly Gen<Mutation> AnyMutation = Gen.Select(
        Gen.Enum<MutationKind>(), Gen.Int[0, 1_000_000], Gen.Byte, Gen.Int[0, 40],
        (kind, place, value, length) => new Mutation(kind, place, value, length));

    public static TheoryData<string> MessageNames() =>
        [.. MessageVector.Copy.Select(vector => vector.Name).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Frame_cut_short_at_any_byte_is_malformed(string name)
    {
        foreach (MessageVector vector in VectorsOf(name))
        {
            // Every byte of a short frame, and of a long one as many places spread over it.
            int step = 1 + (vector.Frame.Length / 300);
            for (int length = 0; length < vector.Frame.Length; length += step)
            {
                HostileFrame.AssertMalformed(MessageCodec.ByName[name], vector.Version, vector.Frame[..length]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Byte_left_over_behind_the_message_is_malformed(string name)
    {
        foreach (MessageVector vector in VectorsOf(name))
        {
            MalformedMessageException malformed =
                HostileFrame.AssertMalformed(MessageCodec.ByName[name], vector.Version, [.. vector.Frame, 0]);
            Assert.Equal(vector.Frame.Length, malformed.Position);
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Length_bomb_at_any_byte_is_read_or_malformed(string name)
    {
        foreach (MessageVector vector in VectorsOf(name))
        {
            for (int position = 0; position < vector.Frame.Length; position++)
            {
                byte[] bomb = Bombs[position % Bombs.Length];
                byte[] frame = [.. vector.Frame];
                bomb.AsSpan(0, Math.Min(bomb.Length, frame.Length - position)).CopyTo(frame.AsSpan(position));
                HostileFrame.Judge(MessageCodec.ByName[name], vector.Version, frame);
            }
        }
    }

    [Fact]
    public void Mutated_frame_is_read_or_malformed() =>
        Gen.Select(Gen.Int[0, MessageVector.Copy.Count - 1], AnyMutation.Array[1, 8]).Sample(
            (index, mutations) =>
            {
                MessageVector vector = MessageVector.Copy[index];
                byte[] frame = mutations.Aggregate(vector.Frame, (before, mutation) => mutation.Apply(before));
                HostileFrame.Judge(MessageCodec.ByName[vector.Name], vector.Version, frame);
            },
            iter: 50_000);

    [Fact]
    public void Random_bytes_are_read_or_malformed()
    {
        (MessageCodec Codec, short Version)[] every = [.. MessageCodec.EveryVersion()];
        // Small bytes are lengths and counts that a frame can hold, so they lead further in than any others.
        Gen<byte> mostlySmall = Gen.Frequency((3, Gen.Byte[0, 4]), (1, Gen.Byte));
        Gen.Select(Gen.Int[0, every.Length - 1], mostlySmall.Array[0, 200]).Sample(
            (index, frame) => { HostileFrame.Judge(every[index].Codec, every[index].Version, frame); },
            iter: 50_000);
    }

    /// <summary>What a group's members send each other passes through a good broker and is as hostile as any frame.</summary>
    [Theory]
    [InlineData("ConsumerProtocolSubscription")]
    [InlineData("ConsumerProtocolAssignment")]
    public void Mutated_bytes_of_another_member_are_read_or_malformed(string name)
    {
        MessageVector[] vectors = [.. VectorsOf(name)];
        Gen.Select(Gen.Int[0, vectors.Length - 1], AnyMutation.Array[1, 4]).Sample(
            (index, mutations) =>
            {
                byte[] frame = mutations.Aggregate(vectors[index].Frame, (before, mutation) => mutation.Apply(before));
                HostileFrame.Judge(MessageCodec.ByName[name], vectors[index].Version, frame);
            },
            iter: 5_000);
    }

    static IEnumerable<MessageVector> VectorsOf(string name) => MessageVector.Copy.Where(vector => vector.Name == name);
}
