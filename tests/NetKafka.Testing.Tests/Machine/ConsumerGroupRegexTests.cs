using NetKafka.Protocol;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Subscriptions by a regular expression that the brokers resolve.</summary>
public sealed class ConsumerGroupRegexTests
{
    readonly MachineDriver driver = new();

    public ConsumerGroupRegexTests()
    {
        driver.CreateTopic("pay");
        driver.CreateTopic("payments");
        driver.CreateTopic("refunds");
    }

    ConsumerGroup Group => driver.Cluster.Groups.FindConsumer("group")!;

    [Fact]
    public void Expression_is_resolved_behind_the_answer_and_matches_whole_names()
    {
        var member = new TestConsumer(driver, "a");

        member.JoinByRegex("pay.+|refund");
        Assert.Equal((1, 0), (member.Epoch, member.Assigned.Length));

        member.Beat();
        Assert.Equal(2, member.Epoch);
        Assert.Equal(["payments-0"], member.Assigned);
    }

    [Fact]
    public void Expression_that_others_have_is_known_at_once()
    {
        var (first, second) = (Joined("a", "pay.*"), new TestConsumer(driver, "b"));
        var epoch = Group.GroupEpoch;

        second.JoinByRegex("pay.*");

        Assert.Equal(epoch + 1, second.Epoch);
        TestConsumer.Settle(first, second);
        Assert.Equal(["pay-0", "payments-0"], first.Assigned.Concat(second.Assigned).Order());
    }

    [Theory]
    [InlineData("(")]
    [InlineData("a)(b")]
    [InlineData(@"(a)\1")]
    [InlineData("(?=a)b")]
    public void Expression_that_linear_engines_cannot_use_is_refused(string regex)
    {
        Assert.Equal(ErrorCode.InvalidRegularExpression, new TestConsumer(driver, "a").JoinByRegex(regex).ErrorCode);
        Assert.Null(driver.Cluster.Groups.Find("group"));
    }

    [Fact]
    public void Member_that_goes_over_to_a_bad_expression_keeps_the_old_one()
    {
        var member = Joined("a", "pay.*");
        var request = member.BeatRequest();
        request.SubscribedTopicRegex = "(";

        Assert.Equal(ErrorCode.InvalidRegularExpression, member.Ask(request).ErrorCode);
        Assert.Equal("pay.*", Group.Find("a")!.TopicRegex);
    }

    [Fact]
    public void Topic_that_is_created_later_is_found()
    {
        var member = Joined("a", "pay.*");
        driver.CreateTopic("payouts");

        member.Beat();
        member.Beat();

        Assert.Equal(["pay-0", "payments-0", "payouts-0"], member.Assigned);
    }

    [Fact]
    public void Expressions_are_looked_at_again_no_more_often_than_the_interval_allows()
    {
        driver.Cluster.Settings.RegexRefreshMinIntervalMs = 10_000;
        var member = Joined("a", "pay.*");
        driver.CreateTopic("payouts");
        member.Beat();
        member.Beat();
        Assert.Equal(["pay-0", "payments-0"], member.Assigned);
        driver.Pass(10_000);

        member.Beat();
        member.Beat();
        Assert.Equal(3, member.Assigned.Length);
    }

    [Fact]
    public void Topics_that_are_named_and_matched_count_both()
    {
        var member = new TestConsumer(driver, "a");
        var answer = member.Ask(member.JoinRequest(["refunds"], "pay"));
        Assert.Equal((2, 1), (answer.MemberEpoch, answer.Assignment!.TopicPartitions.Length));

        member.Join("refunds");

        Assert.Equal(["pay-0", "refunds-0"], member.Assigned);
    }

    [Fact]
    public void Empty_expression_ends_the_subscription_by_it()
    {
        var member = Joined("a", "pay.*");
        var request = member.BeatRequest();
        (request.SubscribedTopicRegex, request.SubscribedTopicNames) = ("", ["refunds"]);

        var answer = member.Ask(request);

        Assert.Equal((ErrorCode.None, 0), (answer.ErrorCode, answer.Assignment!.TopicPartitions.Length));
        request.TopicPartitions = [];
        Assert.Single(member.Ask(request).Assignment!.TopicPartitions);
    }

    TestConsumer Joined(string id, string regex)
    {
        var member = new TestConsumer(driver, id);
        member.JoinByRegex(regex);
        member.Beat();
        return member;
    }
}
