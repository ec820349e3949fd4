using NetKafka.Load.Compare;

namespace NetKafka.Load.Tests;

public sealed class RowCatalogTests
{
    [Theory]
    [InlineData("10-p50", 1.43)]
    [InlineData("13", 0.67)]
    [InlineData("18", 0.77)]
    public void Bound_of_at_most_is_written_as_the_ratio_that_it_asks_for(string row, double must) => Assert.All(
        RowCatalog.Cases.SelectMany(load => load.Rows).Where(spec => spec.Name == row && spec.Must is not null),
        spec => Assert.Equal(must, spec.Must));

    [Fact]
    public void Every_row_is_about_clients_that_its_load_has() => Assert.All(
        RowCatalog.Cases.SelectMany(load => load.Rows, (load, row) => (load, row)),
        pair => Assert.Contains(pair.row.Ours, (string[])[Clients.Ours, .. pair.load.Peers]));

    [Fact]
    public void Native_code_starts_in_half_the_time_and_fits_into_eight_mebibytes()
    {
        RowSpec[] rows = [.. RowCatalog.Cases.SelectMany(load => load.Rows).Where(row => row.Ours == Clients.Native)];

        Assert.Equal(2, rows.Single(row => row is { Name: "18-aot", Peer: "confluent" }).Aim);
        Assert.Equal((8.0, 1.0), (rows.Single(row => row.Name == "18-aot-size").Limit, rows.Single(row => row.Name == "18-aot-size").Aim));
    }

    [Fact]
    public void Every_goal_has_a_line()
    {
        var numbers = RowCatalog.Cases.SelectMany(load => load.Rows).Select(row => row.Name.Split('-')[0]).ToHashSet();

        Assert.Empty(Enumerable.Range(1, 18).Except([16]).Select(number => number.ToString()).Except(numbers));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_client_runs_as_often_in_two_blocks_and_in_a_palindrome(bool isFull)
    {
        var plan = isFull ? ComparePlan.Full : ComparePlan.Quick;

        string[] order = [.. plan.Order(["a", "b", "c"], 0), .. plan.Order(["a", "b", "c"], 1)];

        Assert.Equal(order, order.Reverse());
        Assert.Single(order.CountBy(client => client).Select(pair => pair.Value).Distinct());
    }
}
