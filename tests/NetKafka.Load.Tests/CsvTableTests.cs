using NetKafka.Load.Compare;
using NetKafka.Load.Report;

namespace NetKafka.Load.Tests;

public sealed class CsvTableTests
{
    [Fact]
    public void Line_has_the_columns_in_their_order() => Assert.Equal(
        """
        row,peer,unit,ours,theirs,ratio,low,high,must,aim
        1,confluent,µs CPU/msg,0.2,1,5,4.5,5.5,2,4

        """.ReplaceLineEndings("\n"),
        CsvTable.Write([new RowResult("1", "confluent", "µs CPU/msg", 0.2, 1, 5, 4.5, 5.5, 2, 4)]));

    [Fact]
    public void What_there_is_none_of_is_empty() => Assert.EndsWith(
        "\n13,self,µs,,,,,,0.67,\n",
        CsvTable.Write([new RowResult("13", "self", "µs", null, null, null, null, null, 0.67, null, "not measured")]));
}
