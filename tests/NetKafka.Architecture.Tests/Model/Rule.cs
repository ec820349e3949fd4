namespace NetKafka.Architecture.Tests.Model;

static class Rule
{
    /// <summary>Fails with every violation, each on a line of its own that begins with file:line.</summary>
    public static void Holds(string rule, IEnumerable<Violation> violations)
    {
        var found = violations.Distinct().OrderBy(violation => violation.Path, StringComparer.Ordinal)
            .ThenBy(violation => violation.Line).ToList();
        if (found.Count > 0)
            Assert.Fail($"{rule} Found {found.Count}:{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
    }

    /// <summary>The test of a rule itself: the planted violation is found, once, at its place.</summary>
    public static void Finds(string path, int line, string part, IEnumerable<Violation> violations)
    {
        var found = Assert.Single(violations.Distinct());
        Assert.Equal((path, line), (found.Path, found.Line));
        Assert.Contains(part, found.Message, StringComparison.Ordinal);
    }
}
