using NetKafka.ProtocolGenerator.Emit;
using NetKafka.ProtocolGenerator.Schema;

const string Usage = "usage: NetKafka.ProtocolGenerator [--check] [ROOT]   (ROOT: the folder with NetKafkaClient.sln)";

bool check = args.Contains("--check");
string[] rest = [.. args.Where(arg => arg != "--check")];
string? root = rest.Length == 0 ? RootAbove(Directory.GetCurrentDirectory()) ?? RootAbove(AppContext.BaseDirectory) : rest[0];
if (rest.Length > 1 || root is null || !File.Exists(SchemaPath(root)))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

string target = Path.Combine(root, "src", "NetKafka.Protocol");
SortedDictionary<string, string> files = SourceFiles.Generate(ProtocolSchema.Load(SchemaPath(root)));
string[] present = [.. Directory.EnumerateFiles(target, "*.g.cs", SearchOption.AllDirectories)
    .Select(path => Path.GetRelativePath(target, path).Replace('\\', '/'))
    .Where(path => !path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal))];
string[] stale = [.. present.Where(path => !files.ContainsKey(path)).Order(StringComparer.Ordinal)];
string[] changed = [.. files.Where(file => !Holds(file.Key, file.Value)).Select(file => file.Key)];

if (check)
{
    foreach (string path in changed.Concat(stale))
    {
        Console.Error.WriteLine($"src/NetKafka.Protocol/{path} differs from what the schema gives");
    }
    return changed.Length + stale.Length == 0 ? 0 : 1;
}
foreach (string path in stale)
{
    File.Delete(Path.Combine(target, path));
}
foreach (string path in changed)
{
    string full = Path.Combine(target, path);
    Directory.CreateDirectory(Path.GetDirectoryName(full)!);
    File.WriteAllText(full, files[path]);
}
Console.WriteLine($"{files.Count} files, {changed.Length} written, {stale.Length} deleted");
return 0;

bool Holds(string path, string text)
{
    string full = Path.Combine(target, path);
    return File.Exists(full) && File.ReadAllText(full) == text;
}

static string SchemaPath(string root) => Path.Combine(root, "tools", "NetKafka.ProtocolGenerator", "protocol.json");

static string? RootAbove(string folder)
{
    for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
    {
        if (File.Exists(Path.Combine(at.FullName, "NetKafkaClient.sln")))
        {
            return at.FullName;
        }
    }
    return null;
}
