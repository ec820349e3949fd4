namespace NetKafka.Internal.Kernel;

/// <summary>A call of the user, whatever its result.</summary>
interface ICall
{
    bool IsAnswered { get; }

    void Fail(Exception error, Effects effects);
}
