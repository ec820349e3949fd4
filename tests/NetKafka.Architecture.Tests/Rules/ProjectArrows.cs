using System.Xml.Linq;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Which project may reference which projects and packages.</summary>
static class ProjectArrows
{
    static readonly Dictionary<string, (string[] Projects, string[] Packages)> Allowed = new()
    {
        ["src/NetKafka.Protocol"] = ([], ["K4os.Compression.LZ4", "Snappier", "System.IO.Hashing", "ZstdSharp.Port"]),
        ["src/NetKafka"] = (["NetKafka.Protocol"], ["Microsoft.Extensions.Logging.Abstractions"]),
        // The embedded Kafka never sees the client: a mistake that both shared would hide from every test.
        ["src/NetKafka.Testing"] = (["NetKafka.Protocol"], []),
        ["tools/NetKafka.ProtocolGenerator"] = ([], []),
    };

    /// <summary>Build-time packages, which put no assembly beside ours.</summary>
    static readonly string[] BuildPackages = ["Microsoft.SourceLink.GitHub"];

    public static IEnumerable<Violation> Check(string path, string text)
    {
        var folder = path[..path.LastIndexOf('/')];
        var document = XDocument.Parse(text, LoadOptions.SetLineInfo);
        if (!Allowed.TryGetValue(folder, out var allowed))
        {
            if (folder.StartsWith("src/", StringComparison.Ordinal))
                yield return new Violation(path, 1, "a new project of src: say in ProjectArrows what it may reference");
            yield break;
        }
        foreach (var element in document.Descendants())
        {
            var include = element.Attribute("Include")?.Value ?? "";
            var message = element.Name.LocalName switch
            {
                "ProjectReference" when !allowed.Projects.Contains(Path.GetFileNameWithoutExtension(include.Replace('\\', '/'))) =>
                    $"references the project {include}; allowed: {List(allowed.Projects)}",
                "PackageReference" when !allowed.Packages.Contains(include) && !BuildPackages.Contains(include) =>
                    $"references the package {include}; allowed: {List(allowed.Packages)}",
                "Reference" or "FrameworkReference" => $"references {include} other than by package or project",
                _ => null,
            };
            if (message is not null)
                yield return new Violation(path, ((System.Xml.IXmlLineInfo)element).LineNumber, message);
        }
    }

    static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
