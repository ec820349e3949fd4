using System.IO.Compression;

namespace NetKafka.Protocol.Tests.Vectors;

/// <summary>
/// The files of messages and batches that Java made: of the folder that NETKAFKA_VECTORS names, else of the copy beside
/// the test assembly.
/// </summary>
static class VectorFiles
{
    public const string Variable = "NETKAFKA_VECTORS";

    /// <summary>The copy of the schema that the generator read, whichever vectors are in use.</summary>
    public static string SchemaPath => Path.Combine(CopyFolder, "protocol.json");

    /// <summary>Where the project's own copy lies, whichever vectors are in use.</summary>
    public static string CopyFolder => Path.Combine(AppContext.BaseDirectory, "Vectors");

    public static string Folder =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : CopyFolder;

    /// <summary>The lines of a gzipped file of the folder, such as <c>messages.jsonl.gz</c>.</summary>
    public static IEnumerable<string> Lines(string name) => Lines(Folder, name);

    /// <summary>The lines of a gzipped file of some folder.</summary>
    public static IEnumerable<string> Lines(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        Assert.True(File.Exists(path), $"{path} does not exist; {Variable} names the folder of the vectors.");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
