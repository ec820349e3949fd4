namespace NetKafka.Administration;

/// <summary>Somebody whom Kafka knows by a type and a name.</summary>
/// <param name="Type">The type; the brokers' own authentication knows none but <c>User</c>.</param>
/// <param name="Name">The name: of a user with a password his name, of one with a certificate its subject, as <c>CN=alice</c>.</param>
public readonly record struct KafkaPrincipal(string Type, string Name)
{
    const string UserType = "User";

    /// <summary>A user.</summary>
    /// <param name="name">The user's name.</param>
    /// <returns>The principal.</returns>
    public static KafkaPrincipal User(string name) => new(UserType, name);

    /// <summary>Reads as "User:alice", which is how ACLs name a principal.</summary>
    /// <returns>Type and name.</returns>
    public override string ToString() => $"{Type}:{Name}";
}
