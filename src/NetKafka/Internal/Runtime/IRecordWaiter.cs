using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>A consumer, of whichever kind, whose application waits for records.</summary>
interface IRecordWaiter
{
    /// <summary>Answers a call once there is something to read, or to throw. Called inside a turn.</summary>
    void WaitForRecords(Call<bool> call, int records, Instant now, Effects effects);
}
