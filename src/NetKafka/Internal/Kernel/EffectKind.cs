namespace NetKafka.Internal.Kernel;

/// <summary>What an effect asks the runtime to do.</summary>
enum EffectKind : byte
{
    Resolve,
    Connect,
    Receive,
    Send,
    Close,
    Dispatch,
    Log,
}
