namespace NetKafka.Testing.Internal.Security;

/// <summary>Somebody by type and name.</summary>
readonly record struct Principal(string Type, string Name)
{
    internal const string UserType = "User";

    internal static Principal User(string name) => new(UserType, name);
}
