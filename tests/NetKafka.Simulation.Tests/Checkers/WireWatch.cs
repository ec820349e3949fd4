using NetKafka.Simulation.Tests.Network;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Hands what the network sees to the checkers that want it.</summary>
sealed class WireWatch(SequenceChecker sequences, ThrottleChecker throttling, Violations violations) : IWireWatch
{
    public void OnSend(ReadOnlySpan<byte> requests) => sequences.OnSend(requests);

    public int ThrottleOf(int brokerSide, ReadOnlySpan<byte> frame) => throttling.ThrottleOf(brokerSide, frame);

    public void OnLentChanged(string who) =>
        violations.Add("P22 buffers stay lent", $"{who}: bytes changed before the send of them was over");

    public void OnImpatience(string who) => throttling.OnImpatience(who);
}
