using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>The machine of a consumer that ends.</summary>
interface IClosingOwner
{
    /// <summary>Leaves the group.</summary>
    /// <param name="deadline">How long the answer is waited for.</param>
    /// <param name="onLeft">Told once it was said, or could not be.</param>
    void LeaveGroup(Instant deadline, Action onLeft);

    /// <summary>Gives everything back; called once it is the end.</summary>
    void End(Effects effects);

    void Wake();
}
