using NetKafka.Protocol;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class ProduceFetchTests
{
    readonly MachineDriver driver = new();

    [Fact]
    public void Appended_batch_is_fetched_with_its_offset()
    {
        driver.CreateTopic("payments");
        var connection = driver.Connect();
        var batch = driver.Batch("a", "b");

        Assert.Equal(0, driver.Produce(connection, "payments", batch).BaseOffset);
        Assert.Equal(2, driver.Produce(connection, "payments", driver.Batch("c")).BaseOffset);
        var fetched = driver.Fetch(connection, "payments", 0);

        Assert.Equal(ErrorCode.None, fetched.ErrorCode);
        Assert.Equal(3, fetched.HighWatermark);
        Assert.Equal(3, fetched.LastStableOffset);
        Assert.Equal(batch[21..], fetched.Records!.Value[21..batch.Length].ToArray());
    }
}
