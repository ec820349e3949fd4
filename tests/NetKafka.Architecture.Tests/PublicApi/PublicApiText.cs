using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace NetKafka.Architecture.Tests.PublicApi;

/// <summary>The public surface of a built assembly as text: a line for each type and, below it, for each member others can call.</summary>
static class PublicApiText
{
    static readonly SymbolDisplayFormat TypeLine = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints
            | SymbolDisplayGenericsOptions.IncludeVariance,
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeParamsRefOut,
        kindOptions: SymbolDisplayKindOptions.IncludeTypeKeyword,
        miscellaneousOptions: Short);

    static readonly SymbolDisplayFormat MemberLine = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeRef
            | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeExplicitInterface,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: SymbolDisplayKindOptions.IncludeMemberKeyword,
        miscellaneousOptions: Short);

    const SymbolDisplayMiscellaneousOptions Short =
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier;

    /// <summary>The surface of an assembly without the types whose full names are left out.</summary>
    public static string Of(string assemblyPath, IReadOnlySet<string> leftOut)
    {
        var reference = MetadataReference.CreateFromFile(assemblyPath);
        var others = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) != Path.GetFileName(assemblyPath))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("reader", references: [reference, .. others]);
        var assembly = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!;
        var text = new StringBuilder();
        foreach (var type in Types(assembly.GlobalNamespace).Where(IsVisible)
            .Where(type => !leftOut.Contains(type.OriginalDefinition.ToDisplayString(FullName)))
            .OrderBy(type => type.ToDisplayString(FullName), StringComparer.Ordinal).ThenBy(type => type.Arity))
            Append(text, type);
        return text.ToString();
    }

    /// <summary>Namespace and name, of nested types with their outer ones, without type parameters.</summary>
    public static SymbolDisplayFormat FullName { get; } = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    static void Append(StringBuilder text, INamedTypeSymbol type)
    {
        var bases = (type is { TypeKind: TypeKind.Class, BaseType: { SpecialType: not SpecialType.System_Object } parent } ? [parent] : Array.Empty<ITypeSymbol>())
            .Concat(type.TypeKind == TypeKind.Enum ? [type.EnumUnderlyingType!] : type.Interfaces.Where(IsVisible))
            .Select(parent => parent.ToDisplayString(MemberLine)).ToList();
        text.Append(ModifiersOf(type)).Append(type.ToDisplayString(TypeLine))
            .Append(bases.Count > 0 ? $" : {string.Join(", ", bases)}" : "").Append('\n');
        if (type.TypeKind == TypeKind.Delegate)
            return;
        foreach (var line in type.GetMembers().Where(IsListed).Select(member => member.ToDisplayString(MemberLine)).Order(StringComparer.Ordinal))
            text.Append("    ").Append(line).Append('\n');
    }

    static string ModifiersOf(INamedTypeSymbol type) => string.Concat(
        type.DeclaredAccessibility == Accessibility.Public ? "public " : "protected ",
        type.IsStatic ? "static " : type is { IsAbstract: true, TypeKind: TypeKind.Class } ? "abstract " : "",
        type is { IsSealed: true, TypeKind: TypeKind.Class, IsStatic: false } ? "sealed " : "",
        type is { IsReadOnly: true, TypeKind: TypeKind.Struct } ? "readonly " : "",
        type.IsRefLikeType ? "ref " : "");

    static bool IsListed(ISymbol member) =>
        IsVisible(member) && member is not INamedTypeSymbol && member.CanBeReferencedByName | member is IMethodSymbol { MethodKind: not MethodKind.StaticConstructor }
        && member is not IMethodSymbol
        {
            MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove
        }
        && !(member is IMethodSymbol { IsOverride: true } method && RootOf(method).ContainingType.SpecialType
            is SpecialType.System_Object or SpecialType.System_ValueType)
        && !(member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0 } && member.ContainingType.TypeKind is TypeKind.Struct or TypeKind.Enum)
        && member is not IFieldSymbol { Name: "value__" }
        && !member.Name.Contains('<', StringComparison.Ordinal);

    static IMethodSymbol RootOf(IMethodSymbol method) => method.OverriddenMethod is { } overridden ? RootOf(overridden) : method;

    static bool IsVisible(ISymbol symbol)
    {
        for (var current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            if (current.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
                return false;
        }
        return true;
    }

    static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(member => member switch
    {
        INamespaceSymbol space => Types(space),
        INamedTypeSymbol type => Types(type).Prepend(type),
        _ => [],
    });
}
