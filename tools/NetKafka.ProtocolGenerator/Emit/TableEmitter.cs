using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Writes the API keys and the error codes.</summary>
static class TableEmitter
{
    public static void EmitApiKeys(CodeWriter code, ProtocolSchema schema)
    {
        code.Line(Docs.Summary("The number of each API, removed ones included."));
        code.Block("public enum ApiKey : short", () =>
        {
            foreach (Api api in schema.Apis)
            {
                code.Line(Docs.Summary(api.Request is null
                    ? $"{api.Name}; Kafka has removed it, and it has no messages here."
                    : $"{api.Name}, versions {Docs.Text(api.Request.ValidVersions)}."));
                code.Line($"{api.Name} = {api.Key},");
            }
        });
    }

    public static void EmitErrorCodes(CodeWriter code, ProtocolSchema schema)
    {
        code.Line(Docs.Summary("What a broker answers. A broker may send a code that is not in the table; its number is kept."));
        code.Block("public enum ErrorCode : short", () =>
        {
            foreach (Error error in schema.Errors)
            {
                code.Line(Docs.Summary($"{error.Name}{Traits(error)}."));
                code.Line($"{Naming.Pascal(error.Name)} = {error.Code},");
            }
        });
    }

    public static void EmitErrorTraits(CodeWriter code, ProtocolSchema schema)
    {
        code.Line(Docs.Summary("What the error codes mean for whoever receives them."));
        code.Block("public static class ErrorCodeExtensions", () =>
        {
            EmitTrait(code, schema, "IsRetriable",
                "Whether the same request may succeed later; an unknown code is not retriable.", error => error.Retriable);
            EmitTrait(code, schema, "NeedsMetadataRefresh",
                "Whether the metadata that chose the broker is out of date.", error => error.RefreshMetadata);
            EmitTrait(code, schema, "IsAuthorization",
                "Whether the principal lacks a right; a retry does not help.", error => error.Authorization);
            code.Line(Docs.Summary("Kafka's own name, such as <c>UNKNOWN_TOPIC_OR_PARTITION</c>; the number of an unknown code."));
            code.Line("/// <param name=\"code\">The code.</param>");
            code.Line("/// <returns>The name.</returns>");
            code.Block("public static string KafkaName(this ErrorCode code) => code switch", () =>
            {
                foreach (Error error in schema.Errors)
                {
                    code.Line($"ErrorCode.{Naming.Pascal(error.Name)} => \"{error.Name}\",");
                }
                code.Line("_ => ((short)code).ToString(System.Globalization.CultureInfo.InvariantCulture),");
            }, "};");
        });
    }

    static void EmitTrait(CodeWriter code, ProtocolSchema schema, string name, string summary, Func<Error, bool> holds)
    {
        code.Line(Docs.Summary(summary));
        code.Line("/// <param name=\"code\">The code.</param>");
        code.Line("/// <returns>True if so.</returns>");
        code.Block($"public static bool {name}(this ErrorCode code)", () => code.Block("switch (code)", () =>
        {
            foreach (Error error in schema.Errors.Where(holds))
            {
                code.Line($"case ErrorCode.{Naming.Pascal(error.Name)}:");
            }
            code.Line("    return true;");
            code.Line("default:");
            code.Line("    return false;");
        }));
        code.Line();
    }

    static string Traits(Error error)
    {
        var traits = new List<string>();
        if (error.Retriable)
        {
            traits.Add("retriable");
        }
        if (error.RefreshMetadata)
        {
            traits.Add("asks for new metadata");
        }
        if (error.Authorization)
        {
            traits.Add("a right is missing");
        }
        return traits.Count == 0 ? "" : ": " + string.Join(", ", traits);
    }
}
