using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Writes the straight-line encoder of one structure.</summary>
sealed class WriteEmitter(CodeWriter code, Message message)
{
    public void Emit(Struct each)
    {
        string? flexible = Conditions.Of(message.FlexibleVersions, each.Versions);
        if (flexible is not (null or Conditions.Never) && Conditions.DependsOnFlexible(each, message))
        {
            code.Line($"bool flexible = {flexible};");
            flexible = "flexible";
        }
        foreach (Field field in each.PlainFields)
        {
            string? present = Conditions.Of(field.Versions, each.Versions);
            code.When(present, () => EmitField(each, field, flexible));
            if (present is not null && !field.Ignorable)
            {
                code.Block($"else if ({Defaults.IsNotDefault(field, message)})", () => EmitUnsupported(field));
            }
        }
        if (flexible != Conditions.Never)
        {
            EmitTags(each, flexible);
        }
    }

    void EmitUnsupported(Field field) => code.Line($"writer.FailUnsupported(\"{field.Name}\");");

    void EmitTags(Struct each, string? flexible)
    {
        var tagged = each.TaggedFields.ToList();
        foreach (Field field in tagged)
        {
            string? present = Conditions.Of(field.Versions, each.Versions);
            string changed = Defaults.IsNotDefault(field, message);
            code.Line($"bool has{field.Name} = {changed};");
            if (present is null)
            {
                continue;
            }
            code.Block($"if (has{field.Name} && !({present}))", () =>
            {
                if (field.Ignorable)
                {
                    code.Line($"has{field.Name} = false;");
                }
                else
                {
                    EmitUnsupported(field);
                }
            });
        }
        code.When(flexible, () =>
        {
            if (tagged.Count == 0)
            {
                code.Line("writer.WriteUnsignedVarint(0);");
                return;
            }
            string count = string.Join(" + ", tagged.Select(field => $"(has{field.Name} ? 1u : 0u)"));
            code.Line($"writer.WriteUnsignedVarint({count});");
            foreach (Field field in tagged)
            {
                code.Block($"if (has{field.Name})", () =>
                {
                    code.Line($"int mark = writer.BeginTag({field.Tag});");
                    EmitField(each, field, null);
                    code.Line("writer.EndTag(mark);");
                });
            }
        });
    }

    void EmitField(Struct owner, Field field, string? flexible)
    {
        flexible = Conditions.Flexible(field, owner, message, flexible);
        string? nullable = Conditions.Of(field.NullableVersions, field.Versions.Intersect(owner.Versions));
        if (field.Type.IsArray)
        {
            Conditions.Branch(code, nullable, isNull => EmitArray(field, flexible, isNull));
        }
        else if (field.Type.IsStruct)
        {
            Conditions.Branch(code, nullable, isNull => EmitStruct(field, isNull));
        }
        else if (IsVariable(field))
        {
            Conditions.Branch(code, nullable, isNull => Conditions.Branch(code, flexible, compact =>
                code.Line(Element(field, field.Name, compact, isNull))));
        }
        else
        {
            code.Line(Element(field, field.Name, compact: false, isNull: false));
        }
    }

    void EmitStruct(Field field, bool isNull)
    {
        if (!isNull)
        {
            code.Line($"{field.Name}.Write(writer, version);");
            return;
        }
        code.Line($"writer.WritePresence({field.Name} is not null);");
        code.Line($"{field.Name}?.Write(writer, version);");
    }

    void EmitArray(Field field, string? flexible, bool isNull)
    {
        Conditions.Branch(code, flexible, compact =>
        {
            string name = $"Write{(isNull ? "Nullable" : "")}{(compact ? "Compact" : "")}ArrayLength";
            code.Line(isNull ? $"writer.{name}({field.Name});" : $"writer.{name}({field.Name}, \"{field.Name}\");");
        });
        code.When(isNull ? $"{field.Name} is not null" : null, () => EmitItems(field, flexible, isNull));
    }

    void EmitItems(Field field, string? flexible, bool isNull)
    {
        // Where another version allows null, the property's type does too; here the length has been written already.
        string items = field.IsNullable && !isNull ? field.Name + "!" : field.Name;
        if (field.Type.Element == "int32")
        {
            code.Line($"writer.WriteInt32s({field.Name});");
            return;
        }
        code.Block($"foreach ({MessageEmitter.ElementType(field, message)} item in {items})", () =>
        {
            if (field.Type.IsStruct)
            {
                code.Block("if (item is null)", () => code.Line($"writer.FailNull(\"{field.Name}\");"));
                code.Line("item.Write(writer, version);");
            }
            else if (IsVariable(field))
            {
                Conditions.Branch(code, flexible, compact => code.Line(Element(field, "item", compact, isNull: false)));
            }
            else
            {
                code.Line(Element(field, "item", compact: false, isNull: false));
            }
        });
    }

    static bool IsVariable(Field field) => field.Type.Element is "string" or "bytes" or "records";

    static string Element(Field field, string value, bool compact, bool isNull)
    {
        if (field.IsErrorCode)
        {
            return $"writer.WriteErrorCode({value});";
        }
        return IsVariable(field)
            ? $"writer.Write{(isNull ? "Nullable" : "")}{(compact ? "Compact" : "")}{field.Type.Method}({value}, \"{field.Name}\");"
            : $"writer.Write{field.Type.Method}({value});";
    }
}
