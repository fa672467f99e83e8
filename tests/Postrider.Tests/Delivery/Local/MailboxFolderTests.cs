using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Postrider.Delivery.Local;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Delivery.Local;

public sealed partial class MailboxFolderTests
{
    [Theory]
    [InlineData("bob", "example.org", "example.org/bob")]
    [InlineData("Bob.Smith+tag", "EXAMPLE.org", "example.org/bob.smith+tag")]
    [InlineData("..", "example.org", "example.org/%2e%2e")]
    [InlineData("../../etc/passwd", "example.org", "example.org/%2e.%2f..%2fetc%2fpasswd")]
    [InlineData("a\0b", "example.org", "example.org/a%00b")]
    [InlineData(".hidden.", "example.org", "example.org/%2ehidden%2e")]
    [InlineData("-rf", "example.org", "example.org/%2drf")]
    [InlineData("CON", "example.org", "example.org/%63on")]
    [InlineData("nul.txt", "example.org", "example.org/%6eul.txt")]
    [InlineData("com7", "example.org", "example.org/%63om7")]
    [InlineData("com77", "example.org", "example.org/com77")]
    [InlineData("100%", "example.org", "example.org/100%25")]
    [InlineData("jos\u00e9", "example.org", "example.org/jos%c3%a9")]
    [InlineData("JOSE\u0301", "example.org", "example.org/jos%c3%a9")]
    [InlineData("bob", "[127.0.0.1]", "%5b127.0.0.1%5d/bob")]
    [InlineData("bob", "[IPv6:0:0::1]", "%5bipv6%3a%3a%3a1%5d/bob")]
    [InlineData("postmaster", "", "%/postmaster")]
    [InlineData("a b", "example.org", "example.org/a%20b")]
    public void Folders_are_lower_case_and_encoded(string local, string domain, string folder) =>
        Assert.Equal(folder, MailboxFolder.Of(new Mailbox(local, domain)));

    [Fact]
    public void A_long_part_keeps_its_start_and_gets_a_hash()
    {
        var one = MailboxFolder.Segment(new string('a', 200) + "1");
        var other = MailboxFolder.Segment(new string('a', 200) + "2");
        Assert.NotEqual(one, other, StringComparer.Ordinal);
        Assert.StartsWith(new string('a', 40) + "%h", one, StringComparison.Ordinal);
        Assert.Equal(74, one.Length);
        Assert.Equal(100, MailboxFolder.Segment(new string('a', 100)).Length);
    }

    [Fact]
    public void Whatever_a_peer_writes_it_is_one_safe_name() =>
        Prop.ForAll(Texts(), text =>
        {
            var name = MailboxFolder.Segment(DomainNames.Fold(text));
            return Safe().IsMatch(name)
                && name.Length <= MailboxFolder.LongestSegment
                && !Reserved().IsMatch(name)
                && name == MailboxFolder.Segment(DomainNames.Fold(text));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Different_texts_give_different_names() =>
        Prop.ForAll(Texts(), Texts(), (one, other) =>
            string.Equals(DomainNames.Fold(one), DomainNames.Fold(other), StringComparison.Ordinal)
            == string.Equals(MailboxFolder.Segment(DomainNames.Fold(one)), MailboxFolder.Segment(DomainNames.Fold(other)), StringComparison.Ordinal))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    // Short texts of awkward characters: separators, dots, lone surrogates, combining marks, device names.
    private static Arbitrary<string> Texts()
    {
        var piece = Gen.OneOf(
            Gen.Elements("/", "\\", ".", "..", "\0", "%", "%2e", "%h", " ", "\ud800", "\udc00", "\u0301", "\u00e9", "e", "E", "con", "AUX", "com1", "~", ":", "-", "\ufffd", "\u0130", "\U0001f600"),
            ArbMap.Default.GeneratorFor<char>().Select(c => c.ToString()),
            Gen.Constant(new string('x', 60)));
        return Arb.From(piece.ListOf().Select(pieces => string.Concat(pieces.Take(6))));
    }

    [GeneratedRegex(@"\A(%|[a-z0-9_+=%][a-z0-9_+=%.-]*)(?<!\.)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Safe();

    [GeneratedRegex(@"\A(con|prn|aux|nul|com\d|lpt\d)(\.|\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reserved();
}
