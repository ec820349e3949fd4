using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

public sealed class TopicItemsTests
{
    static TopicResult Created(string name) => new(name, Guid.Empty, 3, 1, null);

    [Fact]
    public void Each_topic_has_its_own_result_in_the_order_asked()
    {
        var items = new TopicItems(["b", "a"], "created");
        Assert.Null(items.Take("a", ErrorCode.None, null, Created));
        Assert.Null(items.Take("b", ErrorCode.TopicAlreadyExists, "there is one", Created));

        var results = items.Results();
        Assert.Equal(["b", "a"], results.Select(result => result.Name));
        Assert.Equal(ErrorCode.TopicAlreadyExists, results[0].Error!.Code);
        Assert.Contains("there is one", results[0].Error!.Message);
        Assert.True(results[1].Succeeded);
    }

    [Fact]
    public void Passing_error_leaves_a_topic_open_and_the_answered_ones_closed()
    {
        var items = new TopicItems(["a", "b"], "created");
        items.Take("a", ErrorCode.None, null, Created);
        Assert.NotNull(items.Take("b", ErrorCode.NotController, null, Created));

        Assert.Equal(["b"], items.Open);
    }

    [Fact]
    public void Later_answer_does_not_change_an_earlier_one()
    {
        var items = new TopicItems(["a"], "created");
        items.Take("a", ErrorCode.None, null, Created);
        items.Take("a", ErrorCode.TopicAlreadyExists, null, Created);

        Assert.True(items.Results()[0].Succeeded);
    }

    [Fact]
    public void Topic_named_twice_is_an_error_of_its_own_and_nothing_is_done_to_it()
    {
        var items = new TopicItems(["a", "a", "b"], "created");

        Assert.Equal(["b"], items.Open);
        Assert.Equal(ErrorCode.InvalidRequest, items.Results()[0].Error!.Code);
    }

    [Fact]
    public void Topic_that_nobody_asked_for_is_ignored()
    {
        var items = new TopicItems(["a"], "created");
        Assert.Null(items.Take("z", ErrorCode.None, null, Created));
        Assert.Null(items.Take(null, ErrorCode.None, null, Created));

        Assert.Equal("a", Assert.Single(items.Results()).Name);
    }

    [Fact]
    public void What_is_open_at_the_deadline_gets_its_error()
    {
        var items = new TopicItems(["a", "b"], "created");
        items.Take("a", ErrorCode.None, null, Created);
        var late = new KafkaTimeoutException("too late", "answer of the broker");

        var results = items.Results(late);
        Assert.True(results[0].Succeeded);
        Assert.Same(late, results[1].Error);
    }
}
