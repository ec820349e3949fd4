using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Writes the class of one message with the classes of its structures inside.</summary>
sealed class MessageEmitter(CodeWriter code, Message message)
{
    readonly SizeModel _sizes = new(message);

    // What every message has as static members; where a field has the same name, the member is the interface's alone.
    static readonly string[] Statics =
        ["Name", "LowestVersion", "HighestVersion", "ApiKey", "HighestStableVersion"];

    public static string BackingName(Field field) => "_" + char.ToLowerInvariant(field.Name[0]) + field.Name[1..];

    public static string ElementType(Field field, Message message) =>
        field.Type.IsStruct ? $"{message.Name}.{message.Structs[field.Type.Element].ClassName}" : field.Type.CSharpElement;

    /// <summary>The class of a message without headers of its own.</summary>
    public void EmitData(string summary) =>
        EmitClass(summary, $"IMessage<{message.Name}>", () => { });

    /// <summary>The class of a request.</summary>
    public void EmitRequest(Api api)
    {
        string self = $"IRequest<{message.Name}>";
        EmitClass($"Asks for {api.Name}, API key {api.Key}.", $"IRequest<{message.Name}, {api.Response!.Name}>", () =>
        {
            int stable = message.ValidVersions.Last - (api.LatestVersionUnstable ? 1 : 0);
            EmitStatic(self, "ApiKey", "ApiKey", $"ApiKey.{api.Name}", "ApiKey");
            EmitStatic(self, "short", "HighestStableVersion", $"{stable}", "HighestStableVersion");
            code.Line("/// <inheritdoc/>");
            code.Line($"public static short RequestHeaderVersion(short version) => {Header(api.RequestHeaders)};");
            code.Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static short ResponseHeaderVersion(short version) => {Header(api.ResponseHeaders)};");
            code.Line();
        });
    }

    void EmitClass(string summary, string contract, Action emitStatics)
    {
        string self = $"IMessage<{message.Name}>";
        if (message.Root.Fields.Any(field => field.Name == "ThrottleTimeMs"))
            contract += ", IThrottledResponse";
        code.Line(Docs.Summary($"{summary} Versions {Docs.Text(message.ValidVersions)}."));
        code.Block($"public sealed class {message.Name} : {contract}", () =>
        {
            EmitStatic(self, "string", "Name", $"\"{message.Name}\"", "Name");
            EmitStatic(self, "short", "LowestVersion", $"{message.ValidVersions.First}", "LowestVersion");
            EmitStatic(self, "short", "HighestVersion", $"{message.ValidVersions.Last}", "HighestVersion");
            emitStatics();
            EmitBody(message.Root, isRoot: true);
            foreach (Struct each in message.Structs.Values)
            {
                code.Line();
                code.Line(Docs.Summary(
                    $"Structure {each.SchemaName} of <see cref=\"{message.Name}\"/>. Versions {Docs.Text(each.Versions)}."));
                code.Block($"public sealed class {each.ClassName}", () => EmitBody(each, isRoot: false));
            }
        });
    }

    void EmitStatic(string contract, string type, string name, string value, string cref)
    {
        bool taken = message.Root.Fields.Any(field => Statics.Contains(name) && field.Name == name);
        code.Line("/// <inheritdoc/>");
        code.Line(taken ? $"static {type} {contract}.{cref} => {value};" : $"public static {type} {name} => {value};");
        code.Line();
    }

    void EmitBody(Struct each, bool isRoot)
    {
        foreach (Field field in each.Fields)
        {
            EmitProperty(each, field);
        }
        if (isRoot)
        {
            code.Line("/// <inheritdoc/>");
        }
        code.Block($"{(isRoot ? "public" : "internal")} static {each.ClassName} Read(ref KafkaReader reader, short version)", () =>
        {
            if (isRoot)
            {
                code.Line($"reader.EnsureVersion(version, {message.ValidVersions.First}, {message.ValidVersions.Last});");
                code.Line($"reader.Charge({SizeModel.ObjectCost(each)});");
            }
            new ReadEmitter(code, message, _sizes).Emit(each);
        });
        code.Line();
        if (isRoot)
        {
            code.Line("/// <inheritdoc/>");
        }
        code.Block($"{(isRoot ? "public" : "internal")} void Write(KafkaWriter writer, short version)", () =>
        {
            if (isRoot)
            {
                code.Line($"writer.BeginMessage(\"{message.Name}\", version, {message.ValidVersions.First}, {message.ValidVersions.Last});");
            }
            new WriteEmitter(code, message).Emit(each);
        });
        if (!isRoot)
        {
            EmitStructMembers(each);
        }
    }

    void EmitProperty(Struct owner, Field field)
    {
        string type = field.IsErrorCode ? "ErrorCode" : ElementType(field, message);
        type += field.Type.IsArray ? "[]" : "";
        if (field.IsNullable && !type.EndsWith('?'))
        {
            type += "?";
        }
        if (field.IsLazy)
        {
            code.Line($"{type}? {BackingName(field)};");
            code.Line();
        }
        code.Line(Docs.Property(field, owner));
        if (!field.IsLazy)
        {
            code.Line($"public {type} {field.Name} {{ get; set; }}{Defaults.Initializer(field)}");
        }
        else
        {
            code.Block($"public {type} {field.Name}", () =>
            {
                code.Line($"get => {BackingName(field)} ??= new {type}();");
                code.Line($"set => {BackingName(field)} = value;");
            });
        }
        code.Line();
    }

    void EmitStructMembers(Struct each)
    {
        bool inArray = AllFields().Any(field => field.Type.IsArray && field.Type.Element == each.SchemaName);
        bool isLazy = AllFields().Any(field => field.IsLazy && field.Type.Element == each.SchemaName);
        if (inArray)
        {
            code.Line();
            code.Line($"internal static int MinBytes(short version) => {MinBytes(each)};");
        }
        if (isLazy)
        {
            code.Line();
            string changed = string.Join(" || ", each.Fields.Select(field => Parenthesised(Defaults.IsNotDefault(field, message))));
            code.Line($"internal bool IsDefault => !({changed});");
        }
    }

    IEnumerable<Field> AllFields() => message.Structs.Values.Append(message.Root).SelectMany(each => each.Fields);

    static string Parenthesised(string condition) => condition.Contains(' ') ? $"({condition})" : condition;

    string MinBytes(Struct each)
    {
        var runs = new List<(int Last, int Bytes)>();
        for (int version = each.Versions.First; version <= each.Versions.Last; version++)
        {
            int bytes = _sizes.MinStructBytes(each, version);
            if (bytes < 1)
            {
                throw new InvalidDataException($"{message.Name}.{each.SchemaName} can be of no bytes at all in version {version}.");
            }
            if (runs.Count > 0 && runs[^1].Bytes == bytes)
            {
                runs[^1] = (version, bytes);
            }
            else
            {
                runs.Add((version, bytes));
            }
        }
        return runs.Count == 1
            ? $"{runs[0].Bytes}"
            : $"version switch {{ {string.Join(", ", runs.SkipLast(1).Select(run => $"<= {run.Last} => {run.Bytes}"))}, _ => {runs[^1].Bytes} }}";
    }

    string Header(IReadOnlyList<(int Header, VersionRange Versions)> headers)
    {
        var used = headers.Where(header => !header.Versions.Intersect(message.ValidVersions).IsEmpty).ToList();
        return used.Count == 1
            ? $"{used[0].Header}"
            : $"{Conditions.Of(used[1].Versions, message.ValidVersions)} ? (short){used[1].Header} : (short){used[0].Header}";
    }
}
