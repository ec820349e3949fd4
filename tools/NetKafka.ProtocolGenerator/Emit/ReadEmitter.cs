using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Writes the straight-line decoder of one structure.</summary>
sealed class ReadEmitter(CodeWriter code, Message message, SizeModel sizes)
{
    public void Emit(Struct each)
    {
        string? flexible = Conditions.Of(message.FlexibleVersions, each.Versions);
        if (flexible is not (null or Conditions.Never) && Conditions.DependsOnFlexible(each, message))
        {
            code.Line($"bool flexible = {flexible};");
            flexible = "flexible";
        }
        code.Line($"var message = new {each.ClassName}();");
        var fields = each.PlainFields.ToList();
        for (int first = 0, next; first < fields.Count; first = next)
        {
            string? present = Conditions.Of(fields[first].Versions, each.Versions);
            next = first + 1;
            while (next < fields.Count && Conditions.Of(fields[next].Versions, each.Versions) == present)
            {
                next++;
            }
            List<Field> together = fields[first..next];
            code.When(present, () => together.ForEach(field => EmitField(each, field, flexible)));
        }
        if (flexible != Conditions.Never)
        {
            code.When(flexible, () => EmitTags(each));
        }
        code.Line("return message;");
    }

    void EmitTags(Struct each)
    {
        var tagged = each.TaggedFields.ToList();
        if (tagged.Count == 0)
        {
            code.Line("reader.SkipTags();");
            return;
        }
        code.Line("TagCursor tags = reader.BeginTags();");
        code.Block("while (reader.NextTag(ref tags))", () => code.Block("switch (tags.Tag)", () =>
        {
            foreach (Field field in tagged)
            {
                string? condition = Conditions.Of(
                    field.Versions, each.Versions.Intersect(message.FlexibleVersions));
                code.Line($"case {field.Tag}{(condition is null ? "" : $" when {condition}")}:");
                code.Block("", () => EmitField(each, field, null));
                code.Line("break;");
            }
            code.Line("default:");
            code.Line("    reader.SkipTag();");
            code.Line("    break;");
        }));
    }

    void EmitField(Struct owner, Field field, string? flexible)
    {
        flexible = Conditions.Flexible(field, owner, message, flexible);
        string? nullable = Conditions.Of(field.NullableVersions, field.Versions.Intersect(owner.Versions));
        if (field.Type.IsArray)
        {
            EmitArray(owner, field, flexible, nullable);
        }
        else if (field.Type.IsStruct)
        {
            EmitStruct(field, nullable);
        }
        else
        {
            Conditions.Branch(code, IsVariable(field) ? nullable : Conditions.Never, isNull =>
                code.Line($"message.{field.Name} = {Choose(flexible, compact => Element(field, compact, isNull))};"));
        }
    }

    void EmitStruct(Field field, string? nullable)
    {
        Struct inner = message.Structs[field.Type.Element];
        string target = field.IsLazy ? MessageEmitter.BackingName(field) : field.Name;
        Conditions.Branch(code, nullable, isNull => code.When(isNull ? "reader.ReadPresence()" : null, () =>
        {
            code.Line($"reader.Charge({SizeModel.ObjectCost(inner)});");
            code.Line($"message.{target} = {message.Name}.{inner.ClassName}.Read(ref reader, version);");
        }));
    }

    void EmitArray(Struct owner, Field field, string? flexible, string? nullable) =>
        Conditions.Branch(code, nullable, isNull =>
        {
            string minimum = MinElement(owner, field);
            string call(bool compact) =>
                $"reader.Read{(isNull ? "Nullable" : "")}{(compact ? "Compact" : "")}ArrayLength({minimum}, {sizes.ElementCost(field)})";
            string items = "items" + field.Name;
            code.Line($"int count{field.Name} = {Choose(flexible, call)};");
            if (isNull)
            {
                code.Block($"if (count{field.Name} < 0)", () => code.Line($"message.{field.Name} = null;"));
                code.Block("else", () => EmitItems(field, flexible, items));
            }
            else
            {
                EmitItems(field, flexible, items);
            }
        });

    void EmitItems(Field field, string? flexible, string items)
    {
        string type = MessageEmitter.ElementType(field, message);
        string made = type.EndsWith("[]", StringComparison.Ordinal)
            ? $"new {type[..^2]}[count{field.Name}][]" : $"new {type}[count{field.Name}]";
        code.Line($"{type}[] {items} = count{field.Name} == 0 ? [] : {made};");
        if (field.Type.Element == "int32")
        {
            code.Line($"reader.ReadInt32s({items});");
        }
        else
        {
            string value = field.Type.IsStruct
                ? $"{message.Name}.{message.Structs[field.Type.Element].ClassName}.Read(ref reader, version)"
                : Choose(flexible, compact => Element(field, compact, isNull: false));
            code.Block($"for (int i = 0; i < {items}.Length; i++)", () => code.Line($"{items}[i] = {value};"));
        }
        code.Line($"message.{field.Name} = {items};");
    }

    string MinElement(Struct owner, Field field)
    {
        if (field.Type.IsStruct)
        {
            return $"{message.Name}.{message.Structs[field.Type.Element].ClassName}.MinBytes(version)";
        }
        VersionRange used = field.Versions.Intersect(owner.Versions);
        int first = sizes.MinElementBytes(field, used.First);
        int last = sizes.MinElementBytes(field, used.Last);
        return first == last ? $"{first}" : $"(flexible ? {last} : {first})";
    }

    static string Choose(string? flexible, Func<bool, string> call) => flexible switch
    {
        null => call(true),
        Conditions.Never => call(false),
        _ when call(true) == call(false) => call(true),
        _ => $"{flexible} ? {call(true)} : {call(false)}",
    };

    static bool IsVariable(Field field) => field.Type.Element is "string" or "bytes" or "records";

    static string Element(Field field, bool compact, bool isNull)
    {
        if (field.IsErrorCode)
        {
            return "reader.ReadErrorCode()";
        }
        string prefix = IsVariable(field) ? (isNull ? "Nullable" : "") + (compact ? "Compact" : "") : "";
        return $"reader.Read{prefix}{field.Type.Method}()";
    }
}
