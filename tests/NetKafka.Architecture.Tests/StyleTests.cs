using NetKafka.Architecture.Tests.Model;
using NetKafka.Architecture.Tests.Rules;

namespace NetKafka.Architecture.Tests;

public sealed class StyleTests
{
    [Fact]
    public void File_is_at_most_500_lines() => Rule.Holds(
        "A file over 500 lines is two ideas, or its reason stands in Sizes.", SourceProject.OfRepository.SelectMany(Sizes.CheckFiles));

    [Fact]
    public void Method_is_at_most_70_lines() => Rule.Holds(
        "A method over 70 lines is split, or its reason stands in Sizes.", SourceProject.OfRepository.SelectMany(Sizes.CheckMethods));

    [Fact]
    public void File_holds_one_public_type() => Rule.Holds(
        "A public type has a file of its own.", SourceProject.OfRepository.SelectMany(Naming.CheckPublicTypes));

    [Fact]
    public void Name_says_what_a_type_is() => Rule.Holds(
        "No type is a Manager, Helper, Util, Impl or Base.", SourceProject.OfRepository.SelectMany(Naming.CheckEndings));

    [Fact]
    public void Comments_hold_no_unfinished_work() => Rule.Holds(
        "No TODO, FIXME, HACK or #region.", SourceProject.OfRepository.SelectMany(UnfinishedWork.Check));

    /// <summary>A name that does not resolve would pass by every rule that asks what it stands for.</summary>
    [Fact]
    public void Rules_understand_every_name_of_src() => Rule.Holds(
        "The sources compile in memory.", SourceProject.OfRepository.SelectMany(project => project.Misunderstood()));

    [Fact]
    public void File_over_the_limit_is_found() => Rule.Finds(
        "src/NetKafka/Long.cs", 501, "502 lines", Sizes.CheckFiles(SourceProject.Planted("NetKafka",
            ("Long.cs", "namespace NetKafka;\n" + string.Concat(Enumerable.Repeat("\n", 500)) + "sealed class Long;\n"))));

    [Fact]
    public void Method_over_the_limit_is_found() => Rule.Finds(
        "src/NetKafka/Long.cs", 3, "Run has 71 lines", Sizes.CheckMethods(SourceProject.Planted("NetKafka",
            ("Long.cs", "namespace NetKafka;\nsealed class Long {\nvoid Run() {" + string.Concat(Enumerable.Repeat("\n", 70)) + "} }"))));

    [Fact]
    public void Generated_file_has_no_limit() => Assert.Empty(Sizes.CheckFiles(SourceProject.Planted("NetKafka.Protocol",
        ("Long.g.cs", "namespace NetKafka.Protocol;\n" + string.Concat(Enumerable.Repeat("\n", 600)) + "sealed class Long;\n"))));

    [Fact]
    public void Second_public_type_of_a_file_is_found() => Rule.Finds(
        "src/NetKafka/Offsets.cs", 4, "Second is public", Naming.CheckPublicTypes(SourceProject.Planted("NetKafka",
            ("Offsets.cs", "namespace NetKafka;\npublic sealed class First;\npublic sealed class First<T>;\npublic delegate void Second();\nsealed class Third;"))));

    [Theory]
    [InlineData("ConnectionManager")]
    [InlineData("OffsetHelpers")]
    [InlineData("CrcUtil")]
    [InlineData("ProducerImpl")]
    [InlineData("MachineBase")]
    public void Name_that_says_nothing_is_found(string name) => Rule.Finds(
        $"src/NetKafka/{name}.cs", 2, name, Naming.CheckEndings(SourceProject.Planted("NetKafka",
            ($"{name}.cs", $"namespace NetKafka;\nsealed class {name};"))));

    [Theory]
    [InlineData("// TODO later", "TODO")]
    [InlineData("/* FIXME */", "FIXME")]
    [InlineData("/// <summary>HACK</summary>", "HACK")]
    [InlineData("#region Private parts\n#endregion", "#region")]
    public void Unfinished_work_is_found(string line, string mark) => Rule.Finds(
        "src/NetKafka/Half.cs", 2, mark, UnfinishedWork.Check(SourceProject.Planted("NetKafka",
            ("Half.cs", $"namespace NetKafka;\n{line}\nsealed class Half;"))));

    [Fact]
    public void Name_that_does_not_resolve_is_found() => Rule.Finds(
        "src/NetKafka/Lost.cs", 2, "Nowhere", SourceProject.Planted("NetKafka",
            ("Lost.cs", "namespace NetKafka;\nsealed class Lost { Nowhere? place; }")).Misunderstood());
}
