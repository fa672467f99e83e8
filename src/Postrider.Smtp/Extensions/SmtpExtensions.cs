using System.Collections.Immutable;
using System.Text;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>The service extensions that a server offers (RFC 5321 §2.2), in the order of EHLO. Immutable.</summary>
public sealed class SmtpExtensions
{
    // RFC 6531 §3.1 item 8; RFC 3030 §3, and the parameter BODY that 8BITMIME owns.
    private static readonly (string Keyword, string Needed)[] needs =
    [
        (SmtpUtf8Extension.Name, EightBitMimeExtension.Name),
        (BinaryMimeExtension.Name, ChunkingExtension.Name),
        (BinaryMimeExtension.Name, EightBitMimeExtension.Name),
    ];

    private readonly Dictionary<(string Verb, string Keyword), Parameter> parameters = [];
    private readonly Dictionary<string, Verb> verbs = new(StringComparer.Ordinal);
    private readonly Dictionary<Verb, SmtpExtension> owners = [];
    private readonly (ulong Name, Verb Verb)[] packedVerbs;
    private readonly HashSet<string> keywords = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Offers these extensions and no others.</summary>
    /// <exception cref="ArgumentException">
    /// Two of them own the same keyword, parameter or verb, or one needs another that is missing; the message names it.
    /// </exception>
    public SmtpExtensions(params ImmutableArray<SmtpExtension> offered)
    {
        Offered = offered;
        foreach (var verb in VerbTable.Base)
            verbs.Add(verb.Name, verb);
        foreach (var extension in offered)
        {
            if (!keywords.Add(extension.Keyword))
                throw new ArgumentException($"The extension {extension.Keyword} is given twice.", nameof(offered));
            foreach (var parameter in extension.Parameters)
            {
                if (!parameters.TryAdd((parameter.Verb, parameter.Keyword), parameter))
                    throw new ArgumentException($"The parameter {parameter.Keyword} of {parameter.Verb} has two owners.", nameof(offered));
            }
            foreach (var verb in extension.Verbs)
            {
                if (verbs.TryGetValue(verb.Name, out var owner) && owner.IsImplemented)
                    throw new ArgumentException($"The verb {verb.Name} has two owners.", nameof(offered));
                verbs[verb.Name] = verb;
                owners.Add(verb, extension);
            }
        }
        CommandLineIncrease = parameters.Values
            .GroupBy(parameter => parameter.Verb, StringComparer.Ordinal)
            .Select(ofVerb => ofVerb.Sum(parameter => parameter.LineIncrease))
            .DefaultIfEmpty()
            .Max();
        foreach (var (keyword, needed) in needs)
        {
            if (Offers(keyword) && !Offers(needed))
                throw new ArgumentException($"{keyword} needs {needed}.", nameof(offered));
        }
        packedVerbs = [.. verbs.Values.Select(verb => (Verb.Pack(Encoding.ASCII.GetBytes(verb.Name)), verb))];
    }

    /// <summary>Those that every server can offer: PIPELINING, SIZE, 8BITMIME, BINARYMIME, CHUNKING, ENHANCEDSTATUSCODES, DSN, SMTPUTF8.</summary>
    public static SmtpExtensions Standard { get; } = new(
        new PipeliningExtension(),
        new SizeExtension(),
        new EightBitMimeExtension(),
        new BinaryMimeExtension(),
        new ChunkingExtension(),
        new EnhancedStatusCodesExtension(),
        new DsnExtension(),
        new SmtpUtf8Extension());

    /// <summary>No extension at all: EHLO lists nothing.</summary>
    public static SmtpExtensions None { get; } = new();

    /// <summary>These and one more; null adds none.</summary>
    /// <exception cref="ArgumentException">As for the constructor.</exception>
    public SmtpExtensions With(SmtpExtension? extension) => extension is null ? this : new SmtpExtensions(Offered.Add(extension));

    /// <summary>The extensions, in the order of EHLO.</summary>
    public ImmutableArray<SmtpExtension> Offered { get; }

    /// <summary>By how many octets they raise the limit of a command line, for the verb that they make the longest.</summary>
    internal int CommandLineIncrease { get; }

    internal IEnumerable<Verb> Verbs => verbs.Values;

    /// <summary>Whether this extension is among them.</summary>
    internal bool Offers(string keyword) => keywords.Contains(keyword);

    internal Verb? FindVerb(ReadOnlySpan<byte> name)
    {
        var packed = Verb.Pack(name);
        foreach (var (candidate, verb) in packedVerbs)
        {
            if (candidate == packed)
                return verb;
        }
        return null;
    }

    /// <summary>The extension that a verb belongs to, or null: every server has it.</summary>
    internal SmtpExtension? OwnerOf(Verb verb) => owners.GetValueOrDefault(verb);

    internal Parameter? FindParameter(string verb, string keyword) => parameters.GetValueOrDefault((verb, keyword));
}
