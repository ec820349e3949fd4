namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>P22: what clients have left behind, once all of them were disposed.</summary>
sealed class LeakChecker(Violations violations)
{
    public void CheckClient(string name, int rentedBuffers, Exception? fault)
    {
        if (rentedBuffers > 0)
            violations.Add("P22 nothing leaks", $"{name} has not given back {rentedBuffers} buffers");
        if (fault is not null)
            violations.Add("P22 no defect", $"{name} ended by a defect: {fault}");
    }

    public void CheckWorld(int openConnections, int setTimers)
    {
        if (openConnections > 0)
            violations.Add("P22 nothing leaks", $"{openConnections} connections are still open");
        if (setTimers > 0)
            violations.Add("P22 nothing leaks", $"{setTimers} timers are still set");
    }
}
