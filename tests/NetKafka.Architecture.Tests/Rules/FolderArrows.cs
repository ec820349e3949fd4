using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetKafka.Architecture.Tests.Model;

namespace NetKafka.Architecture.Tests.Rules;

/// <summary>Namespaces follow folders, and inside src/NetKafka no layer names one above or beside it.</summary>
static class FolderArrows
{
    public static IEnumerable<Violation> CheckNamespaces(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            var expected = string.Join('.', file.Folders.Prepend(project.Name));
            foreach (var declaration in file.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
            {
                if (declaration.Name.ToString() != expected)
                    yield return file.Violation(declaration, $"declares {declaration.Name}; the folder asks for {expected}");
                else if (declaration is NamespaceDeclarationSyntax)
                    yield return file.Violation(declaration, "braces around a namespace; write it file-scoped");
            }
            foreach (var type in file.Root.ChildNodes().OfType<BaseTypeDeclarationSyntax>())
                yield return file.Violation(type, $"{type.Identifier} stands in no namespace; the folder asks for {expected}");
        }
    }

    public static IEnumerable<Violation> CheckFolders(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            if (file.Folders is ["Internal"] || (file.Folders is ["Internal", ..] && Layers.OfInternal(
                string.Join('.', file.Folders.Prepend("NetKafka"))) is null))
                yield return new Violation(file.Path, 1, "stands in no layer of Internal; the layers are named in Layers");
            else if (file.Folders is [var folder, ..] && folder is not ("Internal" or "Properties") && !Layers.IsFeatureFolder(folder))
                yield return new Violation(file.Path, 1, $"{folder} is no feature folder; the features are named in Layers");
        }
    }

    public static IEnumerable<Violation> CheckLayers(SourceProject project)
    {
        foreach (var mention in project.Mentions)
        {
            var named = mention.Symbol is INamespaceSymbol space
                ? Layers.OfInternal(space.ToDisplayString())
                : mention.Type is { } type ? Layers.Of(type) : null;
            if (named is null)
                continue;
            // A using directive belongs to every type of its file.
            var users = mention.Node.FirstAncestorOrSelf<UsingDirectiveSyntax>() is null
                ? mention.Node.AncestorsAndSelf().Where(IsOutermost)
                : mention.File.Root.DescendantNodes().Where(IsOutermost);
            foreach (var user in users.OfType<MemberDeclarationSyntax>())
            {
                if (LayerOf(user) is { } layer && !layer.Sees(named))
                {
                    yield return mention.Violation(
                        $"{layer.Name} names {mention.Type?.Name ?? mention.Symbol.Name} of {named.Name}, which is above or beside it");
                }
            }
        }
    }

    static Layer? LayerOf(MemberDeclarationSyntax type) => Layers.OfName(
        type.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>()?.Name.ToString() ?? "",
        type is DelegateDeclarationSyntax @delegate ? @delegate.Identifier.Text : ((BaseTypeDeclarationSyntax)type).Identifier.Text);

    static bool IsOutermost(SyntaxNode node) =>
        node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
        && node.Parent is not TypeDeclarationSyntax;
}
