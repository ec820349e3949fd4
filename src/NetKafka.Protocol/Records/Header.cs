using System.Text;

namespace NetKafka.Protocol.Records;

/// <summary>
/// A header of a record: a key and a value of any bytes. Keys may repeat within a record; a key is never null, a value may
/// be (KIP-82).
/// </summary>
public readonly struct Header : IEquatable<Header>
{
    readonly string? _key;

    /// <summary>Creates a header with a value; for a null value see <see cref="Null"/>.</summary>
    /// <param name="key">The key; written as UTF-8.</param>
    /// <param name="value">The value, which must not change until the record is sent.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public Header(string key, ReadOnlyMemory<byte> value)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        Value = value;
    }

    /// <summary>Creates a header.</summary>
    /// <param name="key">The key; written as UTF-8.</param>
    /// <param name="value">The value, which must not change until the record is sent; null for a null value.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public Header(string key, byte[]? value)
        : this(key, value.AsMemory()) => IsNull = value is null;

    /// <summary>The key; empty in a header that was never given one.</summary>
    public string Key => _key ?? "";

    /// <summary>The value; empty if it is null, see <see cref="IsNull"/>.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>True if the value is null, which is not the same as empty.</summary>
    public bool IsNull { get; }

    /// <summary>Creates a header whose value is null.</summary>
    /// <param name="key">The key; written as UTF-8.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public static Header Null(string key) => new(key, null);

    /// <summary>Creates a header whose value is text, written as UTF-8.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The text; null for a null value.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public static Header FromText(string key, string? value) => new(key, value is null ? null : Encoding.UTF8.GetBytes(value));

    /// <summary>The value read as UTF-8; null if it is null.</summary>
    public string? GetText() => IsNull ? null : Encoding.UTF8.GetString(Value.Span);

    /// <summary>Whether key and value hold the same.</summary>
    /// <param name="other">The header to compare with.</param>
    public bool Equals(Header other) =>
        Key == other.Key && IsNull == other.IsNull && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Header other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, IsNull, Value.Length);

    /// <summary>The key and the size of the value; never the value itself.</summary>
    public override string ToString() => IsNull ? $"{Key} (null)" : $"{Key} ({Value.Length} bytes)";

    /// <summary>Whether two headers hold the same.</summary>
    /// <param name="left">One header.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(Header left, Header right) => left.Equals(right);

    /// <summary>Whether two headers differ.</summary>
    /// <param name="left">One header.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(Header left, Header right) => !left.Equals(right);
}
