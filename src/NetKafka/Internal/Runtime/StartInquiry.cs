using NetKafka.Internal.Administration;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>Brings an admin call to its machine.</summary>
sealed class StartInquiry<T>(InquiryMachine machine, PendingCalls pending, Inquiry inquiry, Call<T> call) : LoopCall
{
    public override void Run(Instant now, Effects effects)
    {
        pending.Add(call);
        machine.Start(inquiry);
    }
}
