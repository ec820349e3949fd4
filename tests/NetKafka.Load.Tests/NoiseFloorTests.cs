using NetKafka.Load.Compare;

namespace NetKafka.Load.Tests;

public sealed class NoiseFloorTests
{
    const string Cost = "µs CPU/msg";
    const string Middle = "µs p50";
    const string Tail = "µs p99";

    static readonly RowResult[] Floors =
    [
        Row("A/A-fire", Cost, 1.25), Row("A/A-consume", Cost, 0.9),
        Row("A/A-round-trip", Middle, 0.95), Row("A/A-round-trip-p99", Tail, 1.1),
        Row("A/A-end-to-end", Middle, 1.2, isReal: true), Row("A/A-end-to-end-p99", Tail, 0.5, isReal: true),
    ];

    [Theory]
    [InlineData(Cost, false, 0.8)]
    [InlineData(Cost, true, 0.8)]
    [InlineData(Middle, false, 0.95)]
    [InlineData(Tail, false, 1 / 1.1)]
    [InlineData(Middle, true, 1 / 1.2)]
    [InlineData(Tail, true, 0.5)]
    public void Row_has_the_noise_of_its_own_unit_and_broker(string unit, bool isReal, double noise) =>
        Assert.Equal(noise, NoiseOf(Row("x", unit, 1, isReal), Floors), 6);

    [Fact]
    public void Unit_that_was_not_measured_has_the_worst_noise_of_its_own_broker() =>
        Assert.Equal((1 / 1.1, 0.5), (NoiseOf(Row("x", "µs p99.9", 1), Floors), NoiseOf(Row("x", "µs p99.9", 1, isReal: true), Floors)));

    [Fact]
    public void Real_broker_without_a_floor_of_its_own_has_that_of_the_null_broker() =>
        Assert.Equal(0.95, NoiseOf(Row("x", Middle, 1, isReal: true), Floors[..4]), 6);

    [Fact]
    public void Without_floors_there_is_no_noise() => Assert.Equal(1, NoiseOf(Row("x", Cost, 1), []));

    static double NoiseOf(RowResult row, RowResult[] floors) => NoiseFloor.Apply([row, .. floors])[0].Noise;

    static RowResult Row(string name, string unit, double ratio, bool isReal = false) =>
        new(name, "self", unit, 1, ratio, ratio, ratio, ratio, null, null) { IsReal = isReal };
}
