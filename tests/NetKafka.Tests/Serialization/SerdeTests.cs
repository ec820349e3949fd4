using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;
using NetKafka.Serialization;

namespace NetKafka.Tests.Serialization;

public sealed class SerdeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Paid $200 to Bob")]
    [InlineData("Zürich 東京 😀")]
    public void Text_is_utf8_both_ways(string text)
    {
        Assert.Equal(Encoding.UTF8.GetBytes(text), Bytes(Serdes.String, text));
        Assert.Equal(text, Serdes.String.Deserialize(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Long_text_is_utf8_both_ways()
    {
        var text = string.Concat(Enumerable.Repeat("ä€😀x", 1000));
        Assert.Equal(Encoding.UTF8.GetBytes(text), Bytes(Serdes.String, text));
        Assert.Equal(text, Serdes.String.Deserialize(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Text_that_is_not_unicode_is_refused_and_not_replaced()
    {
        Assert.Throws<KafkaSerializationException>(() => Bytes(Serdes.String, "half \uD83D"));
        Assert.Throws<KafkaSerializationException>(() => Serdes.String.Deserialize([0x41, 0xC3, 0x28]));
    }

    [Fact]
    public void Numbers_are_big_endian()
    {
        Assert.Equal("01020304", Hex(Serdes.Int32, 0x01020304));
        Assert.Equal("FFFFFFFE", Hex(Serdes.Int32, -2));
        Assert.Equal("0102030405060708", Hex(Serdes.Int64, 0x0102030405060708));
        Assert.Equal("3FF8000000000000", Hex(Serdes.Double, 1.5));
    }

    [Fact]
    public void Numbers_come_back_as_they_went()
    {
        foreach (var value in new[] { 0, 1, -1, int.MinValue, int.MaxValue })
            Assert.Equal(value, Serdes.Int32.Deserialize(Bytes(Serdes.Int32, value)));
        foreach (var value in new[] { 0, 1, -1, long.MinValue, long.MaxValue })
            Assert.Equal(value, Serdes.Int64.Deserialize(Bytes(Serdes.Int64, value)));
        foreach (var value in new[] { 0, -0.0, double.NaN, double.Epsilon, double.NegativeInfinity })
            Assert.Equal(value, Serdes.Double.Deserialize(Bytes(Serdes.Double, value)));
    }

    [Fact]
    public void Number_of_another_width_is_refused()
    {
        var error = Assert.Throws<KafkaSerializationException>(() => Serdes.Int32.Deserialize(new byte[8]));
        Assert.Contains("4 bytes", error.Message);
        Assert.Throws<KafkaSerializationException>(() => Serdes.Int64.Deserialize(new byte[4]));
        Assert.Throws<KafkaSerializationException>(() => Serdes.Double.Deserialize([]));
        Assert.Throws<KafkaSerializationException>(() => Serdes.Guid.Deserialize("not-a-uuid-but-36-characters-in-all!!"u8[..36]));
    }

    [Fact]
    public void Guid_is_the_text_of_Java_or_big_endian_bytes_and_either_is_read()
    {
        var guid = new Guid("00112233-4455-6677-8899-aabbccddeeff");
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff"u8, Bytes(Serdes.Guid, guid));
        Assert.Equal("00112233445566778899AABBCCDDEEFF", Hex(Serdes.GuidBinary, guid));
        Assert.Equal(guid, Serdes.Guid.Deserialize(Bytes(Serdes.GuidBinary, guid)));
        Assert.Equal(guid, Serdes.GuidBinary.Deserialize(Bytes(Serdes.Guid, guid)));
    }

    [Fact]
    public void Null_differs_from_empty()
    {
        Assert.True(Serdes.String.IsNull(null!));
        Assert.False(Serdes.String.IsNull(""));
        Assert.Null(Serdes.String.DeserializeNull());
        Assert.True(Serdes.ByteArray.IsNull(null!));
        Assert.Null(Serdes.ByteArray.DeserializeNull());
        Assert.False(Serdes.Memory.IsNull(default));
        Assert.True(Serdes.Default<ReadOnlyMemory<byte>?>().IsNull(null));
        Assert.False(Serdes.Default<ReadOnlyMemory<byte>?>().IsNull(ReadOnlyMemory<byte>.Empty));
        Assert.True(Serdes.Default<int?>().IsNull(null));
        Assert.Null(Serdes.Default<int?>().DeserializeNull());
        Assert.Equal(7, Serdes.Default<int?>().Deserialize(Bytes(Serdes.Default<int?>(), 7)));
    }

    [Fact]
    public void Null_read_as_a_type_without_null_teaches_the_nullable_form()
    {
        var error = Assert.Throws<KafkaSerializationException>(() => Serdes.Int32.DeserializeNull());
        Assert.Contains("Int32?", error.Message);
    }

    [Fact]
    public void Nothing_is_null_and_reads_anything()
    {
        Assert.True(Serdes.Nothing.IsNull(default));
        Assert.Equal(default, Serdes.Nothing.Deserialize([1, 2, 3]));
        Assert.Equal(default, Serdes.Nothing.DeserializeNull());
    }

    [Fact]
    public void Every_built_in_type_has_a_default()
    {
        Assert.Same(Serdes.String, Serdes.Default<string>());
        Assert.Same(Serdes.ByteArray, Serdes.Default<byte[]>());
        Assert.Same(Serdes.Memory, Serdes.Default<ReadOnlyMemory<byte>>());
        Assert.Same(Serdes.Int32, Serdes.Default<int>());
        Assert.Same(Serdes.Int64, Serdes.Default<long>());
        Assert.Same(Serdes.Double, Serdes.Default<double>());
        Assert.Same(Serdes.Guid, Serdes.Default<Guid>());
        Assert.Same(Serdes.Nothing, Serdes.Default<Nothing>());
        Assert.NotNull(Serdes.Default<long?>());
        Assert.NotNull(Serdes.Default<double?>());
        Assert.NotNull(Serdes.Default<Guid?>());
    }

    [Fact]
    public void Type_without_a_format_is_told_what_there_is_and_how_to_add_its_own()
    {
        var error = Assert.Throws<KafkaOptionsException>(() => Serdes.Default<Payment>());
        Assert.Contains("Payment", error.Message);
        Assert.Contains("Serdes.Json", error.Message);
    }

    [Fact]
    public void Json_goes_both_ways_by_type_info_and_by_context()
    {
        foreach (var serde in new[] { Serdes.Json(PaymentJson.Default.Payment), Serdes.Json<Payment>(PaymentJson.Default) })
        {
            var payment = new Payment("Bob", 200);
            for (var i = 0; i < 3; i++)
                Assert.Equal("""{"To":"Bob","Amount":200}"""u8, Bytes(serde, payment));
            Assert.Equal(payment, serde.Deserialize("""{"To":"Bob","Amount":200}"""u8));
        }
    }

    [Fact]
    public void Json_of_null_is_Kafka_null()
    {
        var serde = Serdes.Json(PaymentJson.Default.Payment);
        Assert.True(serde.IsNull(null!));
        Assert.Null(serde.DeserializeNull());
    }

    [Fact]
    public void Json_that_is_malformed_is_a_typed_error_that_does_not_quote_the_data()
    {
        var error = Assert.Throws<KafkaSerializationException>(() => Serdes.Json(PaymentJson.Default.Payment).Deserialize("""{"To":secret}"""u8));
        Assert.DoesNotContain("secret", error.Message);
        Assert.Contains("Payment", error.Message);
    }

    [Fact]
    public void Json_from_a_context_that_does_not_know_the_type_names_the_attribute()
    {
        var error = Assert.Throws<ArgumentException>(() => Serdes.Json<SerdeTests>(PaymentJson.Default));
        Assert.Contains("JsonSerializable", error.Message);
    }

    static byte[] Bytes<T>(ISerde<T> serde, T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        serde.Serialize(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    static string Hex<T>(ISerde<T> serde, T value) => Convert.ToHexString(Bytes(serde, value));
}

sealed record Payment(string To, int Amount);

[JsonSerializable(typeof(Payment))]
sealed partial class PaymentJson : JsonSerializerContext;
