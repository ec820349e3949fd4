using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Rules;

namespace NetKafka.Architecture.Tests;

public sealed class FolderArrowTests
{
    static SourceProject Client => SourceProject.OfRepository.Single(project => project.Name == "NetKafka");

    [Fact]
    public void Namespace_follows_folder() => Rule.Holds(
        "A namespace is the project's name and the folders below it.",
        SourceProject.OfRepository.SelectMany(FolderArrows.CheckNamespaces));

    [Fact]
    public void Folders_of_the_client_are_features_or_layers() => Rule.Holds(
        "A folder of the client is a public feature or a layer of Internal.", FolderArrows.CheckFolders(Client));

    [Fact]
    public void Layers_see_only_what_lies_below() => Rule.Holds(
        "Vocabulary, Kernel, Connections, Cluster, the three features, Runtime, entry types: each sees only those before it.",
        FolderArrows.CheckLayers(Client));

    [Fact]
    public void Namespace_of_another_folder_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Kernel/Deadline.cs", 1, "NetKafka.Internal.Kernel",
        FolderArrows.CheckNamespaces(SourceProject.Planted("NetKafka",
            ("Internal/Kernel/Deadline.cs", "namespace NetKafka.Internal;\nreadonly struct Deadline;"))));

    [Fact]
    public void Folder_that_is_no_layer_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Common/Text.cs", 1, "no layer",
        FolderArrows.CheckFolders(SourceProject.Planted("NetKafka",
            ("Internal/Common/Text.cs", "namespace NetKafka.Internal.Common;\nstatic class Text;"))));

    [Fact]
    public void Folder_that_is_no_feature_is_found() => Rule.Finds(
        "src/NetKafka/Models/Topic.cs", 1, "no feature",
        FolderArrows.CheckFolders(SourceProject.Planted("NetKafka",
            ("Models/Topic.cs", "namespace NetKafka.Models;\nsealed class Topic;"))));

    [Fact]
    public void Using_of_a_higher_layer_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Kernel/Deadline.cs", 1, "Internal.Runtime",
        FolderArrows.CheckLayers(SourceProject.Planted("NetKafka",
            ("Internal/Kernel/Deadline.cs",
                "using NetKafka.Internal.Runtime;\nnamespace NetKafka.Internal.Kernel;\nreadonly struct Deadline;"),
            ("Internal/Runtime/Loop.cs", "namespace NetKafka.Internal.Runtime;\nsealed class Loop;"))));

    [Fact]
    public void Qualified_name_of_a_higher_layer_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Cluster/View.cs", 2, "Loop",
        FolderArrows.CheckLayers(SourceProject.Planted("NetKafka",
            ("Internal/Cluster/View.cs", "namespace NetKafka.Internal.Cluster;\nsealed class View { object Turn = typeof(global::NetKafka.Internal.Runtime.Loop); }"),
            ("Internal/Runtime/Loop.cs", "namespace NetKafka.Internal.Runtime;\nsealed class Loop;")))
            .Where(violation => violation.Message.Contains("names Loop", StringComparison.Ordinal)));

    [Fact]
    public void Consuming_that_names_producing_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Consuming/Fetches.cs", 2, "Internal.Producing",
        FolderArrows.CheckLayers(SourceProject.Planted("NetKafka",
            ("Internal/Consuming/Fetches.cs", "namespace NetKafka.Internal.Consuming;\nclass Fetches { Producing.Accumulator? Batches; }"),
            ("Internal/Producing/Accumulator.cs", "namespace NetKafka.Internal.Producing;\nsealed class Accumulator;")))
            .Where(violation => violation.Message.Contains("names Accumulator", StringComparison.Ordinal)));

    [Fact]
    public void Machine_that_names_an_entry_type_is_found() => Rule.Finds(
        "src/NetKafka/Internal/Runtime/Loop.cs", 2, "entry types",
        FolderArrows.CheckLayers(SourceProject.Planted("NetKafka",
            ("Internal/Runtime/Loop.cs", "namespace NetKafka.Internal.Runtime;\nclass Loop { KafkaClient? Owner; }"),
            ("KafkaClient.cs", "namespace NetKafka;\npublic sealed class KafkaClient { internal Internal.Runtime.Loop? Loop; }"))));

    [Fact]
    public void Vocabulary_that_names_a_machine_is_found() => Rule.Finds(
        "src/NetKafka/Producing/Delivery.cs", 2, "vocabulary names Deadline",
        FolderArrows.CheckLayers(SourceProject.Planted("NetKafka",
            ("Producing/Delivery.cs", "namespace NetKafka.Producing;\nclass Delivery { Internal.Kernel.Deadline End; }"),
            ("Internal/Kernel/Deadline.cs", "namespace NetKafka.Internal.Kernel;\nreadonly struct Deadline;")))
            .Where(violation => violation.Message.Contains("names Deadline", StringComparison.Ordinal)));

    [Fact]
    public void Inferred_type_of_a_higher_layer_is_found() => Assert.Contains(
        FolderArrows.CheckLayers(SourceProject.Planted("NetKafka",
            ("TopicPartition.cs", "namespace NetKafka;\nclass TopicPartition {\n  static object Ask(KafkaClient client) {\n    var view = client.View; return view; } }"),
            ("KafkaClient.cs", "namespace NetKafka;\nclass KafkaClient { internal Internal.Cluster.ClusterView? View; }"),
            ("Internal/Cluster/ClusterView.cs", "namespace NetKafka.Internal.Cluster;\nsealed class ClusterView;"))),
        violation => violation.Line == 4 && violation.Message.Contains("names ClusterView", StringComparison.Ordinal));
}
