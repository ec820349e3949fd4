using Microsoft.Testing.Platform.Extensions;
using NetKafka.Simulation.Tests.Runs;
using Xunit.MicrosoftTestingPlatform;

namespace NetKafka.Simulation.Tests;

/// <summary>Runs or replays seeds where it is asked to; with any other options, or none, it runs the tests.</summary>
static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (SeedCommand.TryParse(args, out var command))
            return command.Run(Console.Out);
        return await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
