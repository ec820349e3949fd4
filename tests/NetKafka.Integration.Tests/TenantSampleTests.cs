using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests;

/// <summary>The sample on the embedded Kafka, as a process of its own. On a real one: <see cref="AdminSecurityTests"/>, which has a cluster with an authorizer.</summary>
[Trait("Area", "Admin")]
public sealed class TenantSampleTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sample_sets_up_a_tenant_and_changes_nothing_the_second_time()
    {
        var lines = (await SampleProgram.Run(SampleProgram.Tenant, ["--tenant", "umbrella"], Cancellation)).Lines.ToArray();

        string[] things = [.. lines.Take(lines.Length / 2).Select(static line => line[10..])];
        Assert.Equal(8, things.Length);
        Assert.Contains("topic umbrella.events", things);
        Assert.Contains("ACL: Allow User:umbrella from * to Write Topic 'umbrella.' (Prefixed)", things);
        Assert.All(lines.Take(things.Length), static line => Assert.False(line.StartsWith("unchanged", StringComparison.Ordinal)));
        Assert.All(lines.Skip(things.Length), static line => Assert.StartsWith("unchanged ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sample_refuses_arguments_that_it_does_not_know()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SampleProgram.Run(SampleProgram.Tenant, ["--no-such-option"], Cancellation));

        Assert.Contains("--tenant", error.Message, StringComparison.Ordinal);
    }
}
