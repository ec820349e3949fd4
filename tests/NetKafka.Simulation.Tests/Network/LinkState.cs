namespace NetKafka.Simulation.Tests.Network;

/// <summary>What is wrong with the way to one broker. Faults set it, healing clears it.</summary>
sealed class LinkState
{
    /// <summary>Added to the way of every byte, both ways.</summary>
    public long SlowTicks { get; set; }

    /// <summary>New connections are refused.</summary>
    public bool RefusesConnects { get; set; }

    /// <summary>Nothing comes through, in either direction, and nobody is told.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>What a client had sent when it closed comes this much later: a request on an old connection.</summary>
    public long LateDeliveryTicks { get; set; }

    /// <summary>New connections break after so many bytes in either direction; 0 for none.</summary>
    public int BytesPerConnection { get; set; }

    public void Heal() => (SlowTicks, RefusesConnects, IsCutOff, LateDeliveryTicks, BytesPerConnection) = (0, false, false, 0, 0);
}
