using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Sharing;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>
/// Members of a share group that fetch, acknowledge, stall and go while leaders move: no record has two holders, none comes again that was
/// accepted, none is delivered more often than it may be, and none is left behind.
/// </summary>
public sealed class ShareChurnTests
{
    const string Topic = "payments";
    const int Limit = 5;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_record_is_accepted_once_or_given_up(int seed)
    {
        var random = new Random(seed);
        var driver = new MachineDriver(brokers: 2, seed: seed);
        var topic = driver.CreateTopic(Topic, replicas: 2);
        driver.Cluster.GroupConfigs.Set("group", "share.auto.offset.reset", "earliest");
        var run = new Run(driver, topic, random);
        for (var step = 0; step < 400; step++)
            run.Step();
        run.Finish();
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 200)];

    sealed class Run(MachineDriver driver, Topic topic, Random random)
    {
        readonly TestSharer?[] members = new TestSharer?[3];
        readonly SortedDictionary<long, (int Member, long UntilMs)> held = [];
        readonly HashSet<long> done = [];
        long produced;

        Partition Partition => topic.Partitions[0];

        public void Step()
        {
            var index = random.Next(members.Length);
            var member = members[index] ??= new TestSharer(driver, $"m{index}", leader: Partition.Leader);
            switch (random.Next(12))
            {
                case 0 or 1:
                    Produce(1 + random.Next(6));
                    break;
                case 2 or 3 or 4 or 5:
                    Fetch(index, member);
                    break;
                case 6 or 7 or 8:
                    Acknowledge(index, member);
                    break;
                case 9:
                    driver.Pass(random.Next(20_000));
                    Expire();
                    break;
                case 10:
                    member.Disconnect();
                    members[index] = null;
                    LetGo(entry => entry.Member == index);
                    break;
                default:
                    if (random.Next(4) == 0)
                        MoveLeader();
                    break;
            }
        }

        /// <summary>Whoever is left accepts all; then the share partition has nothing in flight.</summary>
        public void Finish()
        {
            driver.Pass(60_000);
            held.Clear();
            var last = new TestSharer(driver, "last", leader: Partition.Leader);
            for (var round = 0; round < 10_000; round++)
            {
                var ranges = last.Fetch(topic.Id);
                if (ranges.Length == 0)
                    break;
                foreach (var (first, end, count) in ranges)
                    Note(first, end, count, members.Length);
                Assert.Equal(ErrorCode.None, last.Acknowledge(topic.Id, [.. ranges.Select(static range => (range.First, range.Last, Acknowledgement.Accept))]));
            }

            var shared = driver.Cluster.Shares.Open("group", Partition, driver.NowMs);
            Assert.Empty(shared.Batches);
            Assert.Equal(produced, shared.StartOffset);
        }

        void Produce(int count)
        {
            var answer = driver.Produce(driver.Connect(Partition.Leader), Topic, driver.Batch([.. Enumerable.Range(0, count).Select(static i => $"{i}")]));
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            produced += count;
        }

        void Fetch(int index, TestSharer member)
        {
            foreach (var (first, last, count) in member.Fetch(topic.Id, 1 + random.Next(8), isStrict: random.Next(2) == 0))
                Note(first, last, count, index);
        }

        void Note(long first, long last, int count, int index)
        {
            Assert.InRange(count, 1, Limit);
            for (var offset = first; offset <= last; offset++)
            {
                Assert.False(held.ContainsKey(offset), $"{offset} has two holders");
                Assert.False(done.Contains(offset), $"{offset} came again");
                held.Add(offset, (index, driver.NowMs + 30_000));
            }
        }

        void Acknowledge(int index, TestSharer member)
        {
            if (member.SessionEpoch == 0)
                return;
            var mine = held.Where(entry => entry.Value.Member == index).Select(static entry => entry.Key).ToArray();
            if (mine.Length == 0)
                return;
            var first = random.Next(mine.Length);
            var last = first;
            while (last + 1 < mine.Length && mine[last + 1] == mine[last] + 1 && random.Next(3) > 0)
                last++;
            var type = (sbyte)(1 + random.Next(4));
            Assert.Equal(ErrorCode.None, member.Acknowledge(topic.Id, (mine[first], mine[last], type)));
            for (var i = first; i <= last; i++)
            {
                if (type == Acknowledgement.Renew)
                    held[mine[i]] = (index, driver.NowMs + 30_000);
                else
                    held.Remove(mine[i]);
                if (type is Acknowledgement.Accept or Acknowledgement.Reject)
                    done.Add(mine[i]);
            }
        }

        void Expire() => LetGo(entry => entry.UntilMs <= driver.NowMs);

        void LetGo(Func<(int Member, long UntilMs), bool> goes)
        {
            foreach (var (offset, _) in held.Where(entry => goes(entry.Value)).ToArray())
                held.Remove(offset);
        }

        void MoveLeader()
        {
            driver.Machine.Operate(driver.NowMs, cluster => cluster.MoveLeader(Topic, 0, 3 - Partition.Leader, driver.NowMs));
            held.Clear();
            foreach (var member in members)
                member?.ReachLeader(Partition.Leader);
        }
    }
}
