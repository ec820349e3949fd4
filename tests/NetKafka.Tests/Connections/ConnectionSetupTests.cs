using System.Net.Sockets;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Connections;

/// <summary>From nothing to ready, and what goes wrong on the way.</summary>
public sealed class ConnectionSetupTests
{
    [Fact]
    public void Moves_are_those_of_the_table_and_no_others()
    {
        var legal = new HashSet<string>
        {
            "Idle Resolving", "Idle Connecting", "Resolving Connecting", "Resolving Closing", "Connecting Negotiating", "Connecting Closing",
            "Negotiating Ready", "Negotiating Closing", "Ready Draining", "Ready Closing", "Draining Closing", "Closing Idle",
        };
        foreach (var from in Enum.GetValues<ConnectionState>())
        {
            foreach (var to in Enum.GetValues<ConnectionState>())
            {
                Assert.Equal(legal.Contains($"{from} {to}"), ConnectionMoves.IsLegal(from, to));
                if (legal.Contains($"{from} {to}"))
                    Assert.Equal(to, ConnectionMoves.Move(from, to));
                else
                    Assert.Throws<InvalidOperationException>(() => ConnectionMoves.Move(from, to));
            }
        }
    }

    [Fact]
    public void Connection_opens_when_there_is_something_to_send()
    {
        var rig = new ConnectionRig(resolvesHosts: false);
        rig.Poll();
        Assert.Empty(rig.Resolves);
        Assert.Equal(Instant.Never, rig.Next);

        var request = rig.Send();
        Assert.Equal(["broker"], rig.Resolves);
        rig.Resolved("10.0.0.1");
        Assert.Equal("broker:9092 (10.0.0.1)", Assert.Single(rig.Connects).ToString());
        rig.Connected();
        Assert.Equal(ApiKey.ApiVersions, Assert.Single(Assert.Single(rig.Sends)).Api);
        rig.Sent();
        rig.AnswerVersions();
        Assert.Equal((ApiKey.Metadata, (short)3), (rig.Sends[^1][0].Api, rig.Sends[^1][0].Version));
        rig.Sent();
        rig.Answer(rig.Sends[^1][0].CorrelationId, 42);

        Assert.Equal([42], Assert.Single(request.Answers));
        Assert.Equal(1, rig.TimesReady);
        Assert.Empty(rig.Breaks);
    }

    [Fact]
    public void Host_without_address_fails_what_waits_as_not_sent()
    {
        var rig = new ConnectionRig(resolvesHosts: false);
        var request = rig.Send();
        rig.Connection.OnResolved(null, new SocketException((int)SocketError.HostNotFound), rig.Now);
        rig.Poll();
        Assert.True(request.IsOpen);
        rig.Closed();

        Assert.Equal(RequestFailureReason.NotSent, request.Failed);
        Assert.Contains("broker could not be resolved", request.Failures[0].Detail);
    }

    [Fact]
    public void Host_that_could_not_be_resolved_is_looked_up_again()
    {
        var rig = new ConnectionRig(resolvesHosts: false);
        rig.Send();
        rig.Connection.OnResolved(null, new SocketException((int)SocketError.HostNotFound), rig.Now);
        rig.Poll();
        rig.Closed();
        rig.Pass(ConnectionRig.LongestBackoff);
        rig.Send();
        Assert.Equal(2, rig.Resolves.Count);
    }

    [Fact]
    public void Each_attempt_looks_the_host_up_again_and_goes_to_the_next_address()
    {
        var rig = new ConnectionRig(resolvesHosts: false);
        for (var attempt = 0; attempt < 4; attempt++)
        {
            rig.Send();
            rig.Resolved("10.0.0.1", "10.0.0.2", "10.0.0.3");
            rig.Connected(new SocketException((int)SocketError.ConnectionRefused));
            rig.Closed();
            rig.Pass(ConnectionRig.LongestBackoff);
        }
        Assert.Equal(4, rig.Resolves.Count);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"], rig.Connects.Select(target => $"{target.Address}"));
    }

    [Fact]
    public void Address_that_swallows_the_attempt_does_not_hide_the_others()
    {
        var rig = new ConnectionRig(resolvesHosts: false);
        var request = rig.Send();
        rig.Resolved("10.0.0.1", "10.0.0.2");
        Assert.Equal(Instant.Start + ConnectionRig.SetupTimeout, rig.Next);
        rig.Pass(ConnectionRig.SetupTimeout);
        Assert.Equal(1, rig.Closes);
        rig.Closed();
        Assert.Equal(RequestFailureReason.NotSent, request.Failed);
        Assert.Contains("ConnectionSetupTimeout", request.Failures[0].Detail);

        rig.Pass(ConnectionRig.LongestBackoff);
        rig.Send();
        rig.Resolved("10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1", "10.0.0.2"], rig.Connects.Select(target => $"{target.Address}"));
    }

    [Fact]
    public void Setup_timeout_covers_the_versions_too()
    {
        var rig = new ConnectionRig();
        var request = rig.Send();
        rig.Pass(ConnectionRig.SetupTimeout / 2);
        rig.Connected();
        rig.Sent();
        Assert.Equal(Instant.Start + ConnectionRig.SetupTimeout, rig.Next);
        rig.Pass(ConnectionRig.SetupTimeout / 2);
        rig.Closed();

        Assert.Equal(RequestFailureReason.NotSent, request.Failed);
    }

    [Fact]
    public void Failed_attempts_are_followed_by_growing_pauses()
    {
        var rig = new ConnectionRig();
        var pauses = new List<TimeSpan>();
        for (var attempt = 0; attempt < 7; attempt++)
        {
            rig.Send();
            rig.Connected(new SocketException((int)SocketError.ConnectionRefused));
            rig.Closed();
            var failed = rig.Now;
            rig.Send(new TestRequest());
            Assert.True(rig.Connection.IsBackingOff(rig.Now));
            pauses.Add(rig.Next - failed);
            rig.Pass(rig.Next - failed);
        }
        Assert.All(pauses.Zip(pauses.Skip(1)).Take(4), pair => Assert.True(pair.Second > pair.First));
        Assert.All(pauses, pause => Assert.InRange(pause, TimeSpan.FromMilliseconds(40), ConnectionRig.LongestBackoff));
    }

    [Fact]
    public void Broker_that_knows_the_question_in_an_older_version_is_asked_in_that_one()
    {
        var rig = new ConnectionRig();
        rig.Send();
        rig.Connected();
        rig.Sent();
        Assert.Equal(ApiVersionsRequest.HighestStableVersion, rig.Sends[0][0].Version);
        rig.AnswerVersions(version: 0, error: ErrorCode.UnsupportedVersion);

        Assert.Equal((ApiKey.ApiVersions, (short)2), (rig.Sends[1][0].Api, rig.Sends[1][0].Version));
        rig.Sent();
        rig.AnswerVersions();
        Assert.Equal(ConnectionState.Ready, rig.Connection.State);
    }

    [Fact]
    public void Versions_are_asked_for_downwards_only()
    {
        var rig = new ConnectionRig();
        var request = rig.Send();
        rig.Connected();
        for (short expected = ApiVersionsRequest.HighestStableVersion; expected >= 0 && rig.Closes == 0; expected = (short)(expected > 2 ? 2 : expected - 1))
        {
            Assert.Equal(expected, rig.Sends[^1][0].Version);
            rig.Sent();
            rig.AnswerVersions(version: 0, error: ErrorCode.UnsupportedVersion);
        }
        Assert.Equal(1, rig.Closes);
        Assert.Equal(0, rig.Sends[^1][0].Version);
        rig.Closed();
        Assert.Equal(RequestFailureReason.NotSent, request.Failed);
        Assert.Contains("UNSUPPORTED_VERSION", request.Failures[0].Detail);
    }

    [Fact]
    public void Broker_that_hangs_up_is_asked_in_the_oldest_version_next_and_only_once()
    {
        var rig = new ConnectionRig();
        var versions = new List<short>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            rig.Send();
            rig.Connected();
            rig.Sent();
            versions.Add(rig.Sends[^1][0].Version);
            rig.EndOfStream();
            rig.Closed();
            rig.Pass(ConnectionRig.LongestBackoff);
        }
        Assert.Equal([ApiVersionsRequest.HighestStableVersion, 0, ApiVersionsRequest.HighestStableVersion], versions);
        Assert.Contains("If it speaks TLS or SASL", rig.Breaks[0].Detail);
    }

    [Fact]
    public void Second_question_waits_until_the_first_has_left()
    {
        var rig = new ConnectionRig();
        rig.Send();
        rig.Connected();
        rig.AnswerVersions(version: 0, error: ErrorCode.UnsupportedVersion);
        Assert.Single(rig.Sends);

        rig.Sent();
        Assert.Equal(2, rig.Sends.Count);
        rig.Sent();
        rig.AnswerVersions();
        Assert.Equal(ConnectionState.Ready, rig.Connection.State);
    }

    [Fact]
    public void Range_that_is_upside_down_counts_as_none()
    {
        var rig = new ConnectionRig();
        rig.Open();
        var request = rig.Send(new TestRequest(ApiKey.Fetch, 4, 12));

        Assert.Equal(RequestFailureReason.UnsupportedVersion, request.Failed);
        Assert.Contains("versions none, and this call needs 4 to 12", request.Failures[0].Detail);
        Assert.Equal(-1, rig.Connection.Versions!.Newest((ApiKey)7777, 0, short.MaxValue));
    }

    [Theory]
    [InlineData(0, 2, -1)]
    [InlineData(0, 3, 3)]
    [InlineData(5, 7, 7)]
    [InlineData(9, 20, 9)]
    [InlineData(10, 20, -1)]
    public void Newest_version_that_both_speak_is_taken(short lowest, short highest, short expected)
    {
        var rig = new ConnectionRig();
        rig.Open();
        Assert.Equal(expected, rig.Connection.Versions!.Newest(ApiKey.Produce, lowest, highest));
    }

    [Fact]
    public void Setup_survives_every_split_of_the_answer()
    {
        var response = new ApiVersionsResponse { ApiKeys = [new() { ApiKey = (short)ApiKey.Metadata, MaxVersion = 3 }] };
        var writer = new KafkaWriter();
        ResponseFrame.Write(writer, response, ApiVersionsRequest.HighestStableVersion, 0, 1);
        for (var cut = 1; cut < writer.Length; cut++)
        {
            var rig = new ConnectionRig();
            rig.Send();
            rig.Connected();
            rig.Sent();
            rig.Receive(writer.WrittenSpan[..cut]);
            Assert.Equal(ConnectionState.Negotiating, rig.Connection.State);
            rig.Receive(writer.WrittenSpan[cut..]);
            Assert.Equal(ConnectionState.Ready, rig.Connection.State);
        }
    }
}
