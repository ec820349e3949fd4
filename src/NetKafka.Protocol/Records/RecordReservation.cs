namespace NetKafka.Protocol.Records;

/// <summary>
/// A record that is written but for the bytes of its key and value, which the owner copies in later. The batch must not be
/// sealed before.
/// </summary>
/// <param name="Buffer">The array that holds the batch.</param>
/// <param name="KeyPosition">Where in the array the key's bytes belong.</param>
/// <param name="ValuePosition">Where in the array the value's bytes belong.</param>
/// <param name="OffsetDelta">The place of the record in its batch, from 0.</param>
public readonly record struct RecordReservation(byte[] Buffer, int KeyPosition, int ValuePosition, int OffsetDelta);
