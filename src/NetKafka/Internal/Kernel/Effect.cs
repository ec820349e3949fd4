namespace NetKafka.Internal.Kernel;

/// <summary>One thing to be done. Which fields count follows from the kind; see <see cref="Effects"/>.</summary>
readonly record struct Effect(EffectKind Kind, int Connection, object? Payload, int Offset = 0, int Count = 0);
