using System.Globalization;
using System.Text;

namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>From Kafka's names to names in C#.</summary>
static class Naming
{
    /// <summary>
    /// Properties keep the schema's names. C# allows neither a property named as the class it stands in nor one named as a
    /// class inside its own, so in those two cases it is the structure that gives way: its class is called <c>…Data</c>.
    /// </summary>
    public static void NameClasses(Message message)
    {
        var fieldsOfMessage = message.Root.Fields.Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        foreach (Struct each in message.Structs.Values)
        {
            bool taken = fieldsOfMessage.Contains(each.SchemaName)
                || each.Fields.Any(field => field.Name == each.SchemaName);
            each.ClassName = taken ? each.SchemaName + "Data" : each.SchemaName;
        }
        var names = message.Structs.Values.Select(each => each.ClassName).Append(message.Name).ToList();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw new InvalidDataException($"{message.Name} has two structures of one name.");
        }
    }

    /// <summary>UNKNOWN_TOPIC_OR_PARTITION to UnknownTopicOrPartition.</summary>
    public static string Pascal(string screaming)
    {
        var result = new StringBuilder();
        foreach (string word in screaming.Split('_'))
        {
            result.Append(word[0]).Append(word[1..].ToLower(CultureInfo.InvariantCulture));
        }
        return result.ToString();
    }

    /// <summary>UNKNOWN_TOPIC_OR_PARTITION to "unknown topic or partition".</summary>
    public static string Words(string screaming) => screaming.Replace('_', ' ').ToLower(CultureInfo.InvariantCulture);
}
