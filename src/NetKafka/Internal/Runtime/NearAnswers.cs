namespace NetKafka.Internal.Runtime;

/// <summary>
/// How often a receiving thread looks for an answer before it sleeps until there is one. Where the broker answers within some
/// microseconds, as one on the same machine does, falling asleep and being woken takes longer than the answer. It is worth it only for
/// what the thread itself has just sent; and where it was in vain the next ones go without it, twice as many each time, so that a broker
/// that is further away costs next to nothing.
/// </summary>
struct NearAnswers
{
    /// <summary>About as long as falling asleep and being woken.</summary>
    public const int MostLooks = 40;

    /// <summary>So many answers go without, at most, before it is tried again.</summary>
    public const int LongestPause = 4096;

    int _pause;
    int _left;

    /// <summary>How often to look for the answer to what was just sent.</summary>
    public int Looks()
    {
        if (_left == 0)
            return MostLooks;
        _left--;
        return 0;
    }

    /// <summary>The answer was there, after so many looks without it.</summary>
    public void OnFound() => _pause = 0;

    /// <summary>It was not there after all looks.</summary>
    public void OnMissed() => _left = _pause = Math.Clamp(_pause * 2, 1, LongestPause);
}
