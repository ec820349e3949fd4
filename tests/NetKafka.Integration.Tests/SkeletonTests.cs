public sealed class SkeletonTests
{
    [Fact]
    [Trait("Area", "Wire")]
    public void Project_runs() => Assert.True(true);
}
