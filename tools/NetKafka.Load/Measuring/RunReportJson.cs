using System.Text.Json.Serialization;

namespace NetKafka.Load.Measuring;

/// <summary>How a report is written and read: generated, since native code has no reflection to do it by.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunReport))]
sealed partial class RunReportJson : JsonSerializerContext;
