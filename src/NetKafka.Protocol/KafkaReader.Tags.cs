namespace NetKafka.Protocol;

public ref partial struct KafkaReader
{
    /// <summary>
    /// Begins the tagged fields at the end of a structure. Walk them with <see cref="NextTag"/>, and call
    /// <see cref="SkipTag"/> for each one that is not known: what is skipped is not stored.
    /// </summary>
    /// <returns>Where the walk stands.</returns>
    public TagCursor BeginTags()
    {
        uint count = ReadUnsignedVarint();
        // A tagged field is at least its number and its size.
        if (count > (uint)Remaining / 2)
        {
            Fail($"{count} tagged fields do not fit the {Remaining} bytes left");
        }
        return new TagCursor(count, _limit);
    }

    /// <summary>Ends the current tagged field and begins the next.</summary>
    /// <param name="cursor">From <see cref="BeginTags"/>.</param>
    /// <returns>Whether there is one; then reading is confined to its bytes.</returns>
    /// <exception cref="MalformedMessageException">
    /// The field before was not read to its end, or tags do not ascend, or a size goes beyond the bytes left.
    /// </exception>
    public bool NextTag(ref TagCursor cursor)
    {
        if (cursor.Tag >= 0)
        {
            if (_position != _limit)
            {
                Fail($"{Remaining} bytes are left over in tagged field {cursor.Tag}");
            }
            _limit = cursor.OuterLimit;
        }
        if (cursor.Left == 0)
        {
            return false;
        }
        uint tag = ReadUnsignedVarint();
        if (tag <= cursor.Tag)
        {
            Fail($"tagged field {tag} comes after {cursor.Tag}");
        }
        uint size = ReadUnsignedVarint();
        if (size > (uint)Remaining)
        {
            Fail($"tagged field {tag} of {size} bytes does not fit the {Remaining} bytes left");
        }
        _limit = _position + (int)size;
        cursor.Tag = tag;
        cursor.Left--;
        return true;
    }

    /// <summary>Leaves out the tagged field that <see cref="NextTag"/> began.</summary>
    public void SkipTag() => _position = _limit;

    /// <summary>Leaves out all tagged fields at the end of a structure, in their right order or not at all.</summary>
    public void SkipTags()
    {
        if (_position < _limit && _span[_position] == 0)
        {
            _position++;
            return;
        }
        TagCursor cursor = BeginTags();
        while (NextTag(ref cursor))
        {
            SkipTag();
        }
    }
}
