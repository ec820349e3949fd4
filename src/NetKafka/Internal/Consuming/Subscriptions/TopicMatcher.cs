using System.Text.RegularExpressions;
using NetKafka.Consuming;
using NetKafka.Internal.Cluster;

namespace NetKafka.Internal.Consuming.Subscriptions;

/// <summary>Which topics a pattern means that the client itself evaluates.</summary>
sealed class TopicMatcher
{
    readonly Regex _include;
    readonly Regex? _exclude;
    readonly bool _excludesInternal;

    /// <param name="subscription">What is subscribed to, with a pattern of the client.</param>
    /// <exception cref="ArgumentException">One of the patterns is no regular expression.</exception>
    public TopicMatcher(TopicSubscription subscription)
    {
        _include = TopicSubscription.Whole(subscription.Pattern!);
        _exclude = subscription.ExcludePattern is { } exclude ? TopicSubscription.Whole(exclude) : null;
        _excludesInternal = subscription.ExcludeInternalTopics;
    }

    /// <exception cref="RegexMatchTimeoutException">The pattern does not come to an end.</exception>
    public bool Matches(TopicView topic) =>
        !(_excludesInternal && topic.IsInternal) && _include.IsMatch(topic.Name) && _exclude?.IsMatch(topic.Name) != true;
}
