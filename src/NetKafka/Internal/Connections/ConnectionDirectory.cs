namespace NetKafka.Internal.Connections;

/// <summary>
/// The connections that exist, by the number under which the transport knows them. Every attempt has a number of its own,
/// so that a late event of an earlier one finds nobody.
/// </summary>
sealed class ConnectionDirectory
{
    readonly Dictionary<int, ConnectionMachine> _byNumber = [];
    int _last;

    public int Count => _byNumber.Count;

    /// <summary>Told each time the last connection has gone.</summary>
    public Action? OnEmpty { get; set; }

    public int Add(ConnectionMachine machine)
    {
        _byNumber.Add(++_last, machine);
        return _last;
    }

    public void Remove(int number)
    {
        if (_byNumber.Remove(number) && _byNumber.Count == 0)
            OnEmpty?.Invoke();
    }

    public ConnectionMachine? Find(int number) => _byNumber.GetValueOrDefault(number);
}
