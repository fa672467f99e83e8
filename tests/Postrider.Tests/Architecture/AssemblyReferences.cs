using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Postrider.Tests.Architecture;

/// <summary>
/// What an assembly names of others, read from its metadata: a type of System.Runtime such as Task
/// shows in no list of assembly references.
/// </summary>
internal sealed class AssemblyReferences
{
    private AssemblyReferences(string name, IReadOnlySet<string> assemblies, IReadOnlySet<string> types, IReadOnlySet<string> members)
    {
        Name = name;
        Assemblies = assemblies;
        Types = types;
        Members = members;
    }

    public string Name { get; }

    /// <summary>Simple names of the assemblies referred to.</summary>
    public IReadOnlySet<string> Assemblies { get; }

    /// <summary>Full names of the types referred to.</summary>
    public IReadOnlySet<string> Types { get; }

    /// <summary>Members of types referred to, as Full.Type.Name::Member.</summary>
    public IReadOnlySet<string> Members { get; }

    public static AssemblyReferences Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        using var portable = new PEReader(file);
        var metadata = portable.GetMetadataReader();
        var assemblies = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .ToHashSet(StringComparer.Ordinal);
        var types = metadata.TypeReferences
            .Select(handle => TypeName(metadata, handle))
            .ToHashSet(StringComparer.Ordinal);
        var members = metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => TypeName(metadata, (TypeReferenceHandle)member.Parent) + "::" + metadata.GetString(member.Name))
            .ToHashSet(StringComparer.Ordinal);
        return new AssemblyReferences(name, assemblies, types, members);
    }

    private static string TypeName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? TypeName(metadata, (TypeReferenceHandle)type.ResolutionScope) + "." + name
            : metadata.GetString(type.Namespace) + "." + name;
    }
}
