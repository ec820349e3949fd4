using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Administration;

public sealed class InquiryTests
{
    static readonly Instant Deadline = Instant.Start + TimeSpan.FromSeconds(60);

    readonly ScriptedCluster _cluster = new();
    readonly Effects _effects = new();
    readonly InquiryMachine _machine;
    readonly TestCall<int> _call = new(Deadline);
    Instant _now = Instant.Start + TimeSpan.FromSeconds(1);

    public InquiryTests() => _machine = new InquiryMachine(_cluster);

    [Fact]
    public void Answer_ends_the_call()
    {
        Start();
        _cluster.Take().Answer(new DescribeClusterResponse { ControllerId = 7 }, _now);
        Poll();

        Assert.Equal(7, _call.Value);
        Assert.Empty(_cluster.Sent);
    }

    [Theory]
    [InlineData(nameof(RequestFailureReason.NotSent))]
    [InlineData(nameof(RequestFailureReason.Lost))]
    [InlineData(nameof(RequestFailureReason.TimedOut))]
    public void Passing_failure_is_asked_again_after_a_pause_with_fresh_metadata(string reason)
    {
        Start();
        _cluster.Take().Fail(Enum.Parse<RequestFailureReason>(reason), _now);
        var next = Poll();

        Assert.Empty(_cluster.Sent);
        Assert.False(_call.IsAnswered);
        Assert.InRange((next - _now).TotalMilliseconds, 80, 120);

        _now = next;
        Poll();
        Assert.Equal(1, _cluster.Refreshes);
        _cluster.Take().Answer(new DescribeClusterResponse { ControllerId = 3 }, _now);
        Poll();
        Assert.Equal(3, _call.Value);
    }

    [Fact]
    public void Error_that_will_not_pass_ends_the_call_at_once()
    {
        Start();
        _cluster.Take().Answer(new DescribeClusterResponse { ErrorCode = ErrorCode.ClusterAuthorizationFailed }, _now);
        Poll();

        var error = Assert.IsType<KafkaAuthorizationException>(_call.Failure);
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, error.Code);
        Assert.Contains("CLUSTER_AUTHORIZATION_FAILED", error.Message);
    }

    [Fact]
    public void Broker_that_is_too_old_is_not_asked_again()
    {
        Start();
        _cluster.Take().Fail(RequestFailureReason.UnsupportedVersion, _now);
        Poll();

        Assert.Equal(ErrorCode.UnsupportedVersion, Assert.IsType<KafkaProtocolException>(_call.Failure).Code);
        Assert.Empty(_cluster.Sent);
    }

    [Fact]
    public void Deadline_ends_the_call_and_names_the_last_failure()
    {
        Start();
        while (!_call.IsAnswered)
        {
            if (_cluster.Sent.Count > 0)
                _cluster.Take().Fail(RequestFailureReason.NotSent, _now);
            var next = Poll();
            if (_cluster.Sent.Count == 0)
                _now = next;
        }

        var error = Assert.IsType<KafkaTimeoutException>(_call.Failure);
        Assert.True(error.Attempts > 10);
        Assert.Contains("it was made to fail: NotSent", error.Message);
    }

    [Fact]
    public void Answer_that_comes_after_the_deadline_finds_nobody()
    {
        Start();
        var request = _cluster.Take();
        _now = Deadline;
        Assert.Equal(Instant.Never, Poll());

        Assert.IsType<KafkaTimeoutException>(_call.Failure);
        Assert.True(request.Request.IsAbandoned);
    }

    [Fact]
    public void Cancelled_call_abandons_its_request()
    {
        Start();
        var request = _cluster.Take();
        _call.Fail(new OperationCanceledException(), _effects);
        _machine.Wake();
        Poll();

        Assert.True(request.Request.IsAbandoned);
    }

    [Fact]
    public void Defect_in_an_inquiry_ends_the_calls_of_its_admin_and_no_others()
    {
        var machines = new MachineQueue();
        machines.Add(_machine);
        Start(_ => throw new InvalidCastException("planted"));
        _cluster.Take().Answer(new DescribeClusterResponse(), _now);
        machines.Wake(_machine);

        machines.Poll(_now, _effects);
        machines.Poll(_now, _effects);

        var error = Assert.IsType<KafkaException>(_call.Failure);
        Assert.True(error.IsFatal);
        Assert.IsType<InvalidCastException>(error.InnerException);
    }

    void Start(Func<DescribeClusterResponse, Step<int>>? take = null)
    {
        var settings = new InquirySettings(
            TimeSpan.FromSeconds(30), new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), new RandomSource(1));
        _machine.Start(new Inquiry<DescribeClusterRequest, DescribeClusterResponse, int>(_call, _machine, settings)
        {
            What = "The cluster could not be described",
            Target = RequestTarget.AnyBroker,
            Request = _ => new DescribeClusterRequest(),
            Take = take ?? (answer => answer.ErrorCode == ErrorCode.None
                ? Step<int>.Done(answer.ControllerId)
                : Step<int>.Fail(KafkaErrors.From(answer.ErrorCode, answer.ErrorMessage, "The cluster could not be described"))),
        });
        Poll();
    }

    Instant Poll() => _machine.Poll(_now, _effects);
}
