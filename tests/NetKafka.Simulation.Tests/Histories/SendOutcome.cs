namespace NetKafka.Simulation.Tests.Histories;

/// <summary>How the application heard of a record that it sent.</summary>
enum SendOutcome : byte
{
    /// <summary>Not yet.</summary>
    Pending,

    /// <summary>Acknowledged.</summary>
    Ok,

    /// <summary>Failed, and said to be nowhere.</summary>
    NotWritten,

    /// <summary>Failed, and said to be anywhere or nowhere.</summary>
    Unknown,
}
