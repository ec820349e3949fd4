namespace NetKafka.Architecture.Tests.Packaging;

/// <summary>The tests that share the packages, so that these are packed once.</summary>
[CollectionDefinition(Name)]
public sealed class PackagesCollection : ICollectionFixture<Packages>
{
    public const string Name = "packages";
}
