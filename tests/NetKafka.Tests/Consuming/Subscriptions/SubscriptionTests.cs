using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Subscriptions;
using NetKafka.Protocol;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Consuming.Subscriptions;

/// <summary>Which topics a subscription means, as the cluster is seen.</summary>
public sealed class SubscriptionTests
{
    readonly ScriptedCluster _cluster = new();
    readonly Subscription _subscription;

    public SubscriptionTests() => _subscription = new Subscription(_cluster);

    bool Show(params string[] topics) => Show(topics, []);

    bool Show(string[] topics, string[] missing, bool isAll = true)
    {
        var views = topics.Select(static name => new TopicView(name, Guid.Empty, name.StartsWith("__", StringComparison.Ordinal), [], ErrorCode.None))
            .Concat(missing.Select(static name => new TopicView(name, Guid.Empty, false, [], ErrorCode.UnknownTopicOrPartition)));
        _cluster.Show(ClusterView.Empty with { Topics = views.ToDictionary(static topic => topic.Name), HasAllTopics = isAll });
        return _subscription.Update(_cluster.View);
    }

    [Fact]
    public void Pattern_means_topics_whose_whole_name_matches_and_none_that_are_left_out_or_Kafkas_own()
    {
        _subscription.Set(new TopicSubscription { Pattern = "orders.*|__.*", ExcludePattern = ".*[.]test" });
        Assert.False(_subscription.IsKnown);
        Assert.True(Show("orders", "orders.eu", "orders.test", "orders.test.eu", "old-orders", "Orders", "__consumer_offsets"));
        Assert.Equal(["orders", "orders.eu", "orders.test.eu"], _subscription.Topics);
        Assert.True(_subscription.IsKnown);
        _subscription.Set(new TopicSubscription { Pattern = "__.*", ExcludeInternalTopics = false });
        Assert.Equal(["__consumer_offsets"], _subscription.Topics);
    }

    [Fact]
    public void Pattern_with_alternatives_is_anchored_as_a_whole()
    {
        _subscription.Set(new TopicSubscription { Pattern = "a|b" });
        Show("a", "b", "ab", "xb", "ax");
        Assert.Equal(["a", "b"], _subscription.Topics);
    }

    [Fact]
    public void Answer_for_fewer_topics_says_nothing_of_a_pattern()
    {
        _subscription.Set(new TopicSubscription { Pattern = ".*" });
        Assert.False(Show(["a"], [], isAll: false));
        Assert.False(_subscription.IsKnown);
        Assert.True(Show());
        Assert.True(_subscription.IsKnown);
        Assert.Empty(_subscription.Topics);
    }

    [Fact]
    public void New_topics_and_deleted_ones_are_news_and_what_stays_is_none()
    {
        _subscription.Set(new TopicSubscription { Pattern = ".*" });
        Assert.True(Show("a"));
        Assert.False(Show("a"));
        Assert.True(Show("a", "b"));
        // A broker that lags behind does not know the topic yet.
        Assert.False(Show(["a"], ["b"]));
        Assert.False(Show("a", "b"));
        Assert.False(Show(["a"], ["b"]));
        Assert.True(Show(["a"], ["b"]));
        Assert.Equal(["a"], _subscription.Topics);
    }

    [Fact]
    public void Second_look_at_one_answer_is_no_second_answer()
    {
        _subscription.Set(new TopicSubscription { Pattern = ".*" });
        Show("a", "b");
        Assert.False(Show(["a"], ["b"]));
        Assert.False(_subscription.Update(_cluster.View with { Generation = 99 }));
        Assert.Equal(["a", "b"], _subscription.Topics);
        Assert.Equal(1, _cluster.Refreshes);
    }

    [Fact]
    public void Topics_that_are_named_are_there_beside_those_of_the_pattern_whether_they_exist_or_not()
    {
        _subscription.Set(new TopicSubscription { Topics = ["x"], Pattern = "o.*" });
        Show("orders");
        Assert.Equal(["orders", "x"], _subscription.Topics);
        Show(["orders"], ["x"]);
        Show(["orders"], ["x"]);
        Assert.Equal(["orders", "x"], _subscription.Topics);
    }

    [Fact]
    public void What_is_subscribed_to_is_watched_and_given_back_when_it_ends()
    {
        _subscription.Set(new TopicSubscription { Topics = ["x"] });
        Assert.Equal(["x"], _cluster.Watched.Order());
        _subscription.Set(new TopicSubscription { Pattern = ".*" });
        Assert.True(_cluster.WatchesAll);
        // What a member is subscribed to stays so until it is known what the pattern means.
        Assert.Equal(["x"], _subscription.Topics);
        Show("a", "b");
        Assert.Equal(["a", "b"], _cluster.Watched.Order());
        _subscription.Set(new TopicSubscription());
        Assert.Empty(_cluster.Watched);
        Assert.False(_cluster.WatchesAll);
        Assert.True(_subscription.IsEmpty);
    }
}
