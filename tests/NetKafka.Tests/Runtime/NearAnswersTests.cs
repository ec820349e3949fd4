using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>Looking for an answer before sleeping: as long as it pays, and next to never where it does not.</summary>
public class NearAnswersTests
{
    NearAnswers _answers;

    [Fact]
    public void Answers_are_looked_for_as_long_as_they_are_found()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(NearAnswers.MostLooks, _answers.Looks());
            _answers.OnFound();
        }
    }

    [Fact]
    public void After_each_look_in_vain_twice_as_many_answers_go_without()
    {
        foreach (var expected in new[] { 1, 2, 4, 8 })
        {
            Assert.Equal(NearAnswers.MostLooks, _answers.Looks());
            _answers.OnMissed();
            Assert.Equal(expected, CountWithout());
        }
    }

    [Fact]
    public void An_answer_that_is_found_forgives_what_was_in_vain_before()
    {
        for (var i = 0; i < 5; i++)
        {
            _answers.OnMissed();
            CountWithout();
        }
        _answers.OnFound();
        _answers.OnMissed();
        Assert.Equal(1, CountWithout());
    }

    [Fact]
    public void A_broker_that_was_far_for_long_is_tried_again_all_the_same()
    {
        for (var i = 0; i < 40; i++)
        {
            _answers.OnMissed();
            Assert.InRange(CountWithout(), 1, NearAnswers.LongestPause);
        }
    }

    /// <summary>How many answers go without, until the next is looked for.</summary>
    int CountWithout()
    {
        var without = 0;
        while (_answers.Looks() == 0)
            without++;
        return without;
    }
}
