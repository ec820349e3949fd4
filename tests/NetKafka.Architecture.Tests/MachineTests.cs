using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Rules;

namespace NetKafka.Architecture.Tests;

public sealed class MachineTests
{
    static SourceProject Project(string name) => SourceProject.OfRepository.Single(project => project.Name == name);

    [Fact]
    public void Only_the_runtime_names_tasks_streams_sockets_and_clocks() => Rule.Holds(
        "Inside Internal only Runtime names Task, ValueTask, Stream, Socket, TimeProvider or Thread.",
        ForbiddenTypes.CheckMachines(Project("NetKafka")));

    [Fact]
    public void Only_the_shells_of_the_embedded_Kafka_name_tasks_streams_sockets_and_clocks() => Rule.Holds(
        "The machine of the embedded Kafka does no I/O; its Shells do.", ForbiddenTypes.CheckEmbeddedMachine(Project("NetKafka.Testing")));

    [Fact]
    public void Wire_does_no_io_tells_no_time_and_writes_no_log() => Rule.Holds(
        "NetKafka.Protocol is bytes in, bytes out.", ForbiddenTypes.CheckWire(Project("NetKafka.Protocol")));

    [Fact]
    public void Time_and_chance_are_passed_in() => Rule.Holds(
        "No hidden clock, chance, thread or shared pool in src.", SourceProject.OfRepository.SelectMany(BannedCalls.Check));

    [Fact]
    public void No_socket_holds_small_requests_back() => Rule.Holds(
        "Every socket is made with NoDelay.", SocketOptions.Check(Project("NetKafka")));

    [Theory]
    [InlineData("Socket socket = new Socket(SocketType.Stream, ProtocolType.Tcp);")]
    [InlineData("Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };")]
    [InlineData("Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = false };")]
    public void Socket_that_holds_small_requests_back_is_found(string member) => Rule.Finds(
        "src/NetKafka/Internal/Runtime/Probe.cs", 4, "NoDelay",
        SocketOptions.Check(SourceProject.Planted("NetKafka", ("Internal/Runtime/Probe.cs",
            $"using System.Net.Sockets;\nnamespace NetKafka.Internal.Runtime;\nsealed class Probe {{\n{member}\n}}"))));

    [Fact]
    public void No_decision_depends_on_hash_order() => Rule.Holds(
        "The machines walk no collection whose order differs from process to process.",
        SourceProject.OfRepository.SelectMany(HashOrder.Check));

    [Fact]
    public void No_static_can_change() => Rule.Holds(
        "A static is a constant.", SourceProject.OfRepository.SelectMany(MutableStatics.Check));

    [Theory]
    [InlineData("System.Threading.Tasks.Task? pending;", "Task")]
    [InlineData("System.Threading.Tasks.ValueTask<int> pending;", "ValueTask")]
    [InlineData("System.IO.MemoryStream? bytes;", "MemoryStream")]
    [InlineData("Socket? socket;", "Socket")]
    [InlineData("System.TimeProvider? time;", "TimeProvider")]
    [InlineData("object thread = Thread.CurrentThread.Name!;", "Thread")]
    public void Asynchrony_in_a_machine_is_found(string member, string type)
    {
        var sources = SourceProject.Planted("NetKafka", ("Internal/Cluster/MetadataMachine.cs",
            $"using System.Net.Sockets;\nnamespace NetKafka.Internal.Cluster;\nsealed class MetadataMachine {{\n{member}\n}}"));

        Rule.Finds("src/NetKafka/Internal/Cluster/MetadataMachine.cs", 4, $".{type};", ForbiddenTypes.CheckMachines(sources));
    }

    [Fact]
    public void Runtime_may_name_tasks_and_sockets() => Assert.Empty(ForbiddenTypes.CheckMachines(SourceProject.Planted(
        "NetKafka", ("Internal/Runtime/Loop.cs", "namespace NetKafka.Internal.Runtime;\nsealed class Loop { Task? Turn; Stream? Bytes; }"))));

    [Fact]
    public void Asynchrony_in_the_embedded_machine_is_found_and_in_its_shells_allowed() => Rule.Finds(
        "src/NetKafka.Testing/Internal/Broker.cs", 2, "Task",
        ForbiddenTypes.CheckEmbeddedMachine(SourceProject.Planted("NetKafka.Testing",
            ("Internal/Broker.cs", "namespace NetKafka.Testing.Internal;\nsealed class Broker { Task? Turn; }"),
            ("Internal/Shells/Tcp.cs", "namespace NetKafka.Testing.Internal.Shells;\nsealed class Tcp { Task? Turn; }"))));

    [Theory]
    [InlineData("Records/Batch.cs", "Task? pending;", "Task")]
    [InlineData("Records/Batch.cs", "DateTime moment;", "DateTime")]
    [InlineData("Records/Batch.cs", "System.IO.Compression.GZipStream? zip;", "GZipStream")]
    [InlineData("Compression/Gzip.cs", "System.IO.FileStream? zip;", "FileStream")]
    public void Input_output_in_the_wire_is_found(string path, string member, string type)
    {
        var @namespace = $"NetKafka.Protocol.{path[..path.IndexOf('/')]}";
        var sources = SourceProject.Planted("NetKafka.Protocol", (path, $"namespace {@namespace};\nsealed class Planted {{\n{member}\n}}"));

        Rule.Finds($"src/NetKafka.Protocol/{path}", 3, type, ForbiddenTypes.CheckWire(sources));
    }

    [Fact]
    public void Codec_may_use_a_compressing_stream_over_memory() => Assert.Empty(ForbiddenTypes.CheckWire(SourceProject.Planted(
        "NetKafka.Protocol", ("Compression/Gzip.cs", """
            using System.IO.Compression;
            namespace NetKafka.Protocol.Compression;
            sealed class Gzip { byte[] Read(byte[] bytes) { using var zip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress); return []; } }
            """))));

    [Theory]
    [InlineData("object now = DateTime.UtcNow;", "System.DateTime.UtcNow")]
    [InlineData("long now = Environment.TickCount64;", "System.Environment.TickCount64")]
    [InlineData("long now = System.Diagnostics.Stopwatch.GetTimestamp();", "System.Diagnostics.Stopwatch")]
    [InlineData("int chance = Random.Shared.Next();", "System.Random.Shared")]
    [InlineData("object chance = new Random(1);", "new System.Random")]
    [InlineData("Random chance = new(1);", "new System.Random")]
    [InlineData("Guid id = Guid.NewGuid();", "System.Guid.NewGuid")]
    [InlineData("void Wait() => Thread.Sleep(1);", "System.Threading.Thread.Sleep")]
    [InlineData("object run = Task.Run(() => { });", "System.Threading.Tasks.Task.Run")]
    [InlineData("async Task Wait(Task t) => await t.ConfigureAwait(false);", "System.Threading.Tasks.Task.ConfigureAwait")]
    [InlineData("async Task Wait(ValueTask<int> t) => await t.ConfigureAwait(false);", "System.Threading.Tasks.ValueTask.ConfigureAwait")]
    [InlineData("void Print() => Console.WriteLine();", "System.Console")]
    [InlineData("object pool = System.Buffers.ArrayPool<byte>.Shared;", "System.Buffers.ArrayPool.Shared")]
    [InlineData("SemaphoreSlim? gate;", "System.Threading.SemaphoreSlim")]
    [InlineData("System.IO.Pipelines.Pipe? pipe;", "System.IO.Pipelines.Pipe")]
    public void Hidden_time_chance_and_threads_are_found(string member, string name)
    {
        var sources = SourceProject.Planted("NetKafka", ("Internal/Kernel/Probe.cs",
            $"namespace NetKafka.Internal.Kernel;\nsealed class Probe {{\n{member}\n}}"));

        Rule.Finds("src/NetKafka/Internal/Kernel/Probe.cs", 3, name, BannedCalls.Check(sources));
    }

    [Fact]
    public void Chance_that_was_handed_over_may_be_used() => Assert.Empty(BannedCalls.Check(SourceProject.Planted("NetKafka.Testing",
        ("Internal/Dice.cs", "namespace NetKafka.Testing.Internal;\nsealed class Dice(Random random) { int Roll() => random.Next(6); }"))));

    [Fact]
    public void Runtime_and_entry_types_may_read_the_clock() => Assert.Empty(BannedCalls.Check(SourceProject.Planted("NetKafka",
        ("KafkaClient.cs", "namespace NetKafka;\npublic sealed class KafkaClient { object Now = DateTime.UtcNow; }"),
        ("Internal/Runtime/Clock.cs", "namespace NetKafka.Internal.Runtime;\nsealed class Clock { object Now = DateTimeOffset.UtcNow; }"))));

    [Fact]
    public void Banned_call_in_the_checked_build_alone_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Kernel/Lease.cs", 4, "System.Guid.NewGuid",
        BannedCalls.Check(SourceProject.Planted("NetKafka", ("Internal/Kernel/Lease.cs",
            "namespace NetKafka.Internal.Kernel;\nsealed class Lease {\n#if NETKAFKA_CHECKED\nGuid id = Guid.NewGuid();\n#endif\n}"))));

    [Theory]
    [InlineData("HashSet<int>", "foreach (var x in items) Use(x);")]
    [InlineData("System.Collections.Concurrent.ConcurrentDictionary<int, int>", "foreach (var x in items.Keys) Use(x);")]
    [InlineData("System.Collections.Frozen.FrozenSet<int>", "foreach (var x in items.Items) Use(x);")]
    [InlineData("System.Collections.Immutable.ImmutableDictionary<int, int>", "Use(items.First());")]
    [InlineData("System.Collections.Immutable.ImmutableHashSet<int>", "int[] all = [.. items];")]
    [InlineData("HashSet<int>", "var all = new List<int>(items);")]
    [InlineData("HashSet<int>", "var all = from x in items select x;")]
    public void Walk_in_hash_order_is_found(string type, string statement)
    {
        var sources = SourceProject.Planted("NetKafka", ("Internal/Consuming/Positions.cs",
            $"namespace NetKafka.Internal.Consuming;\nsealed class Positions {{ void Use(object x) {{ }} void Walk({type} items) {{\n{statement}\n}} }}"));

        var found = Assert.Single(HashOrder.Check(sources).DistinctBy(violation => violation.Line));
        Assert.Equal(3, found.Line);
    }

    [Fact]
    public void Lookups_by_hash_are_allowed() => Assert.Empty(HashOrder.Check(SourceProject.Planted("NetKafka",
        ("Internal/Consuming/Positions.cs", """
            namespace NetKafka.Internal.Consuming;
            sealed class Positions { int Count(HashSet<int> items, List<int> more) { items.Add(1); items.UnionWith(more); return items.Contains(2) ? items.Count : 0; } }
            """))));

    [Theory]
    [InlineData("static int count;", "not readonly")]
    [InlineData("static int Count { get; set; }", "can be set")]
    [InlineData("static readonly Dictionary<int, int> Seen = new();", "can change")]
    [InlineData("static event Action? Happened;", "keeps its handlers")]
    [InlineData("[ThreadStatic] static byte[]? scratch;", "not readonly")]
    [InlineData("static readonly int[] Table = new int[4]; void Set() => Table[1] = 2;", "writes an element")]
    public void Static_that_can_change_is_found(string member, string message)
    {
        var sources = SourceProject.Planted("NetKafka", ("Internal/Kernel/Backoff.cs",
            $"namespace NetKafka.Internal.Kernel;\nsealed class Backoff {{\n{member}\n}}"));

        Rule.Finds("src/NetKafka/Internal/Kernel/Backoff.cs", 3, message, MutableStatics.Check(sources));
    }

    [Fact]
    public void Constant_statics_are_allowed() => Assert.Empty(MutableStatics.Check(SourceProject.Planted("NetKafka",
        ("Internal/Kernel/Backoff.cs", """
            using System.Collections.Frozen;
            namespace NetKafka.Internal.Kernel;
            sealed class Backoff {
                const int Most = 3;
                static readonly int[] Steps = [1, 2, 3];
                static readonly FrozenSet<int> Known = FrozenSet<int>.Empty;
                static Backoff None { get; } = new();
            }
            """))));
}
