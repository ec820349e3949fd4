namespace Tenant;

/// <summary>What the command line asks for.</summary>
sealed record Settings
{
    public const string Usage = """
        Sets up a tenant: topics with retention and compaction, ACLs, quotas, and a user with a password (SCRAM-SHA-512).
        What is there already and as it should be is left alone, so that it can be run again.

          --bootstrap HOST:PORT   a real Kafka with an authorizer (authorizer.class.name), where TENANT_PASSWORD in the environment is
                                  the user's password; without it, an embedded one in this process, where it is run twice
          --tenant NAME           the user, and with a dot what its topics begin with (acme)
        """;

    public string? Bootstrap { get; init; }

    public string Tenant { get; init; } = "acme";

    public required string Password { get; init; }

    /// <summary>The settings, or null where the command line cannot be read.</summary>
    public static Settings? Parse(string[] args, string? password)
    {
        string? bootstrap = null, tenant = "acme";
        for (var i = 0; i < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--bootstrap" when i + 1 < args.Length:
                    bootstrap = args[i + 1];
                    break;
                case "--tenant" when i + 1 < args.Length:
                    tenant = args[i + 1];
                    break;
                default:
                    return null;
            }
        }
        return bootstrap is not null && string.IsNullOrEmpty(password)
            ? null
            : new Settings { Bootstrap = bootstrap, Tenant = tenant, Password = string.IsNullOrEmpty(password) ? "only-for-the-embedded-one" : password };
    }
}
