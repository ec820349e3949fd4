using NetKafka.Protocol;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Members that come, go, lose answers and are lost, in any order: nobody is ever given what another may have.</summary>
public sealed class ConsumerGroupChurnTests
{
    const int Seeds = 200;
    const int Steps = 80;
    static readonly string[] Topics = ["payments", "refunds", "disputes"];

    [Fact]
    public void No_partition_is_ever_anothers_and_in_the_end_each_is_somebodys()
    {
        for (var seed = 1; seed <= Seeds; seed++)
            new Churn(seed).Run();
    }

    sealed class Churn(int seed)
    {
        readonly Random random = new(seed);
        readonly MachineDriver driver = new(brokers: 2, seed: seed);
        readonly List<TestConsumer> members = [];
        int lastMember;

        ConsumerGroup? Group => driver.Cluster.Groups.FindConsumer("group");

        internal void Run()
        {
            driver.Cluster.Settings.ConsumerAssignmentIntervalMs = random.Next(2) * 1_000;
            driver.CreateTopic(Topics[0], partitions: 5);
            Join();
            for (var step = 0; step < Steps; step++)
            {
                Act();
                Check(step);
            }

            Settle();
        }

        void Act()
        {
            var member = members.Count == 0 ? null : members[random.Next(members.Count)];
            switch (random.Next(14))
            {
                case 0 when members.Count < 5:
                    Join();
                    break;
                case 1 when member is not null:
                    member.Leave();
                    members.Remove(member);
                    break;
                case 2 when member?.InstanceId is { } instance && member.Leave(-2).ErrorCode == ErrorCode.None:
                    members.Remove(member);
                    Enter(new TestConsumer(driver, $"m{++lastMember}", instance));
                    break;
                case 3 when member is not null:
                    // Its answer is lost.
                    member.Ask(Everything(member));
                    break;
                case 4 when member is not null:
                    Hear(member, member.Subscribe(SomeTopics()));
                    break;
                case 5:
                    driver.Machine.Operate(driver.NowMs, cluster => cluster.AddPartitions(Topics[0], random.Next(5, 9), null, validateOnly: false));
                    break;
                case 6 when driver.Cluster.FindTopic(Topics[1]) is null:
                    driver.CreateTopic(Topics[1], partitions: 3);
                    break;
                case 7 when driver.Cluster.FindTopic(Topics[1]) is not null:
                    driver.Machine.Operate(driver.NowMs, cluster => cluster.DeleteTopic(Topics[1], driver.NowMs));
                    break;
                case 8:
                    driver.Machine.Operate(driver.NowMs, cluster => cluster.Groups.Move("group", 3 - cluster.Groups.CoordinatorOf("group"), driver.NowMs));
                    members.ForEach(other => other.Reconnect());
                    break;
                case 9:
                    driver.Pass(random.Next(20_000));
                    break;
                case 10 when member is not null:
                    Hear(member, member.Beat());
                    break;
                default:
                    if (member is not null)
                        Hear(member, member.Acknowledge());
                    break;
            }
        }

        void Join() => Enter(new TestConsumer(driver, $"m{++lastMember}", random.Next(3) == 0 ? $"i{lastMember}" : null));

        void Enter(TestConsumer member)
        {
            var answer = random.Next(4) == 0 ? member.JoinByRegex("(payments|refunds).*") : member.Join(SomeTopics());
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            members.Add(member);
        }

        /// <summary>A member that is out has nothing any more, and comes back as a new one.</summary>
        void Hear(TestConsumer member, Protocol.Messages.ConsumerGroupHeartbeatResponse answer)
        {
            if (answer.ErrorCode == ErrorCode.None)
                return;
            Assert.True(answer.ErrorCode is ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch, $"seed {seed}: {answer.ErrorCode}");
            members.Remove(member);
            // A fenced one is still in the group, as far as its coordinator knows.
            if (answer.ErrorCode == ErrorCode.FencedMemberEpoch)
                member.Leave();
            Join();
        }

        Protocol.Messages.ConsumerGroupHeartbeatRequest Everything(TestConsumer member)
        {
            var request = member.BeatRequest();
            (request.RebalanceTimeoutMs, request.SubscribedTopicNames, request.TopicPartitions) = (TestConsumer.RebalanceMs, SomeTopics(), member.Owned);
            return request;
        }

        string[] SomeTopics() => [Topics[0], .. Topics.Skip(1).Where(_ => random.Next(2) == 0)];

        void Check(int step)
        {
            var held = new Dictionary<TopicIdPartition, string>();
            foreach (var member in Group?.Members ?? [])
            {
                foreach (var partition in member.Assigned.Keys.Concat(member.Revoking.Keys))
                    Assert.True(held.TryAdd(partition, member.MemberId), $"seed {seed}, step {step}: {partition} is of {held.GetValueOrDefault(partition)} and {member.MemberId}");
            }

            foreach (var member in members.Where(member => Group?.Find(member.Id) is not null))
            {
                foreach (var partition in member.Owned.SelectMany(topic => topic.Partitions.Select(partition => new TopicIdPartition(topic.TopicId, partition))))
                    Assert.True(held.GetValueOrDefault(partition) == member.Id, $"seed {seed}, step {step}: {member.Id} has {partition}, which is of {held.GetValueOrDefault(partition)}");
            }
        }

        void Settle()
        {
            if (members.Count == 0)
                Join();
            for (var round = 0; round < 40; round++)
            {
                driver.Pass(1_000);
                foreach (var member in members.ToArray())
                    Hear(member, member.Acknowledge());
                Check(Steps + round);
            }

            var wanted = Group!.Members.SelectMany(member => member.TopicRegex.Length > 0 ? Topics[..2] : member.TopicNames).Distinct()
                .Select(driver.Cluster.FindTopic).Where(topic => topic is not null)
                .SelectMany(topic => topic!.Partitions.Select(partition => new TopicIdPartition(topic.Id, partition.Index)));
            Assert.True(Group.State == ConsumerGroupState.Stable, $"seed {seed}: {Group.State}");
            Assert.Equal(wanted.Order(), Group.Members.SelectMany(member => member.Assigned.Keys).Order());
        }
    }
}
