using System.Text;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Smtp.Addresses;

public sealed class AddressParserTests
{
    private const string Label63 = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc";

    // The path, then local part and domain as they are meant.
    [Theory]
    [InlineData("<a@b>", "a", "b")]
    [InlineData("<Joe.Blow@Example.COM>", "Joe.Blow", "Example.COM")]
    [InlineData("<!#$%&'*+-/=?^_`{|}~.x@example.com>", "!#$%&'*+-/=?^_`{|}~.x", "example.com")]
    [InlineData("<a@1.2.3>", "a", "1.2.3")]
    [InlineData("<a@x--y.example>", "a", "x--y.example")]
    [InlineData("<a@" + Label63 + ".example>", "a", Label63 + ".example")]
    [InlineData("<\"a\"@b>", "a", "b")]
    [InlineData("<\"a b\"@b>", "a b", "b")]
    [InlineData("<\"a@b\"@c>", "a@b", "c")]
    [InlineData("<\"a>b\"@c>", "a>b", "c")]
    [InlineData("<\"\\\"\\\\\\a\"@c>", "\"\\a", "c")]
    [InlineData("<\"..\"@c>", "..", "c")]
    [InlineData("<\" \"@c>", " ", "c")]
    [InlineData("<a@[192.0.2.1]>", "a", "[192.0.2.1]")]
    [InlineData("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]")]
    [InlineData("<a@[x400:c=de;a=x]>", "a", "[x400:c=de;a=x]")]
    [InlineData("<@r1.example:a@b>", "a", "b")]
    [InlineData("<@r1.example,@[192.0.2.9],@r3:\"x\"@b>", "x", "b")]
    [InlineData("<é@bücher.example>", "é", "bücher.example")]
    [InlineData("<\"é ü\"@b>", "é ü", "b")]
    [InlineData("<用户@例子.广告>", "用户", "例子.广告")]
    [InlineData("<\U0001F4EE@b>", "\U0001F4EE", "b")]
    public void A_path_is_read(string path, string local, string domain)
    {
        Assert.True(Reverse(path, out var reverse, out var length, out var error), error.ToString());
        Assert.Equal(local, reverse.Mailbox!.LocalPart);
        Assert.Equal(domain, reverse.Mailbox.Domain);
        Assert.Equal(Encoding.UTF8.GetByteCount(path), length);
        Assert.True(Forward(path, out var forward, out _, out error), error.ToString());
        Assert.Equal(reverse.Mailbox, forward);

        // What is printed reads back as the same.
        Assert.True(AddressParser.TryParseMailbox(forward!.ToString(), out var again, out error), error.ToString());
        Assert.Equal(forward, again);
        Assert.True(Reverse(path + " SIZE=1", out _, out length, out _));
        Assert.Equal(Encoding.UTF8.GetByteCount(path), length);
    }

    [Theory]
    [InlineData("", AddressFault.NoOpeningBracket, 0)]
    [InlineData("a@b", AddressFault.NoOpeningBracket, 0)]
    [InlineData("<", AddressFault.NoLocalPart, 1)]
    [InlineData("<a", AddressFault.NoClosingBracket, 2)]
    [InlineData("<a@b", AddressFault.NoClosingBracket, 4)]
    [InlineData("<a@b SIZE=1", AddressFault.NoClosingBracket, 4)]
    [InlineData("<a@[1.2.3.4]", AddressFault.NoClosingBracket, 12)]
    [InlineData("<>x", AddressFault.TextAfterPath, 2)]
    [InlineData("<a@b>x", AddressFault.TextAfterPath, 5)]
    [InlineData("< a@b>", AddressFault.LocalPartCharacter, 1)]
    [InlineData("<a@b >", AddressFault.NoClosingBracket, 4)]
    [InlineData("<@b>", AddressFault.BadRoute, 3)]
    [InlineData("<a>", AddressFault.NoDomain, 2)]
    [InlineData("<a@>", AddressFault.NoDomain, 3)]
    [InlineData("<\"\"@b>", AddressFault.NoLocalPart, 1)]
    [InlineData("<.a@b>", AddressFault.LocalPartDot, 1)]
    [InlineData("<a.@b>", AddressFault.LocalPartDot, 2)]
    [InlineData("<a..c@b>", AddressFault.LocalPartDot, 3)]
    [InlineData("<a,c@b>", AddressFault.LocalPartCharacter, 2)]
    [InlineData("<a(c)@b>", AddressFault.LocalPartCharacter, 2)]
    [InlineData("<a\"c\"@b>", AddressFault.LocalPartCharacter, 2)]
    [InlineData("<a\\c@b>", AddressFault.LocalPartCharacter, 2)]
    [InlineData("<a\tc@b>", AddressFault.LocalPartCharacter, 2)]
    [InlineData("<\"a@b>", AddressFault.UnclosedQuote, 6)]
    [InlineData("<\"a\\", AddressFault.UnclosedQuote, 4)]
    [InlineData("<\"a\tb\"@c>", AddressFault.QuotedCharacter, 3)]
    [InlineData("<\"a\\\tb\"@c>", AddressFault.QuotedCharacter, 4)]
    [InlineData("<\"a\u007f\"@c>", AddressFault.QuotedCharacter, 3)]
    [InlineData("<\"a\"b@c>", AddressFault.NoDomain, 4)]
    [InlineData("<a@b@c>", AddressFault.DomainCharacter, 4)]
    [InlineData("<a@b_c>", AddressFault.DomainCharacter, 4)]
    [InlineData("<a@b c>", AddressFault.NoClosingBracket, 4)]
    [InlineData("<a@.b>", AddressFault.EmptyLabel, 3)]
    [InlineData("<a@b..c>", AddressFault.EmptyLabel, 5)]
    [InlineData("<a@b.>", AddressFault.EmptyLabel, 5)]
    [InlineData("<a@-b>", AddressFault.LabelHyphen, 3)]
    [InlineData("<a@b-.c>", AddressFault.LabelHyphen, 4)]
    [InlineData("<a@" + Label63 + "d.c>", AddressFault.LabelTooLong, 66)]
    [InlineData("<a@[1.2.3]>", AddressFault.BadLiteral, 3)]
    [InlineData("<a@[1.2.3.4>", AddressFault.BadLiteral, 3)]
    [InlineData("<a@[1.2.3.4]x>", AddressFault.DomainCharacter, 12)]
    [InlineData("<@r1.example>", AddressFault.BadRoute, 12)]
    [InlineData("<@r1.example,a@b>", AddressFault.BadRoute, 13)]
    [InlineData("<@r1.example;a@b>", AddressFault.BadRoute, 12)]
    [InlineData("<@:a@b>", AddressFault.EmptyLabel, 2)]
    [InlineData("<@r1.example:>", AddressFault.NoLocalPart, 13)]
    public void What_is_wrong_with_a_path_is_said_and_where(string path, AddressFault fault, int offset)
    {
        Assert.False(Reverse(path, out _, out _, out var error));
        Assert.Equal(new AddressError(fault, offset), error);
        Assert.Contains($"(octet {offset + 1})", error.ToString(), StringComparison.Ordinal);
        Assert.False(Forward(path, out _, out _, out _));
    }

    [Fact]
    public void The_null_path_is_a_sender_and_no_recipient()
    {
        Assert.True(Reverse("<>", out var path, out var length, out _));
        Assert.True(path.IsNull);
        Assert.Equal(2, length);
        Assert.False(Forward("<>", out _, out _, out var error));
        Assert.Equal(new AddressError(AddressFault.Empty, 1), error);
    }

    [Theory]
    [InlineData("<postmaster>")]
    [InlineData("<PostMaster>")]
    public void The_bare_postmaster_is_a_recipient_and_no_sender(string path)
    {
        Assert.True(Forward(path, out var mailbox, out _, out _));
        Assert.True(mailbox!.IsBarePostmaster);
        Assert.Equal("postmaster", mailbox.ToString());
        Assert.False(Reverse(path, out _, out _, out var error));
        Assert.Equal(AddressFault.NoDomain, error.Fault);
        Assert.False(Forward("<hostmaster>", out _, out _, out _));
    }

    [Fact]
    public void Lengths_are_limited_as_in_RFC_5321()
    {
        var local64 = new string('l', 64);
        Assert.True(Reverse($"<{local64}@b>", out _, out _, out _));
        Assert.False(Reverse($"<{local64}l@b>", out _, out _, out var error));
        Assert.Equal(new AddressError(AddressFault.LocalPartTooLong, 65), error);

        // 256 octets with brackets; the domain alone may have 255, which only a looser path shows.
        var domain = string.Join('.', Enumerable.Repeat(Label63, 3)) + "." + new string('d', 60);
        Assert.Equal(252, domain.Length);
        Assert.True(Reverse($"<a@{domain}>", out _, out _, out _));
        Assert.False(Reverse($"<ab@{domain}>", out _, out _, out error));
        Assert.Equal(AddressFault.PathTooLong, error.Fault);
        var loose = AddressLimits.Rfc5321 with { Path = 1000 };
        Assert.True(AddressParser.TryParseReversePath(Encoding.ASCII.GetBytes($"<ab@{domain}ddd>"), loose, out _, out _, out _));
        Assert.False(AddressParser.TryParseReversePath(Encoding.ASCII.GetBytes($"<ab@{domain[..^5]}.abcdefgh>"), loose, out _, out _, out error));
        Assert.Equal(new AddressError(AddressFault.DomainTooLong, 4 + 255), error);
    }

    // Overlong forms, a surrogate, a cut-off sequence, a stray continuation, above U+10FFFF.
    [Theory]
    [InlineData("C0AF")]
    [InlineData("E08080")]
    [InlineData("EDA080")]
    [InlineData("C3")]
    [InlineData("80")]
    [InlineData("F4908080")]
    public void What_is_not_UTF8_is_refused(string hex)
    {
        byte[] path = [.. "<ok"u8, .. Convert.FromHexString(hex), .. "@b>"u8];
        Assert.False(AddressParser.TryParseReversePath(path, AddressLimits.Rfc5321, out _, out _, out var error));
        Assert.Equal(new AddressError(AddressFault.NotUtf8, 3), error);
        path = [.. "<a@b"u8, .. Convert.FromHexString(hex), .. ".c>"u8];
        Assert.False(AddressParser.TryParseForwardPath(path, AddressLimits.Rfc5321, out _, out _, out error));
        Assert.Equal(new AddressError(AddressFault.NotUtf8, 4), error);
    }

    [Theory]
    [InlineData("", AddressFault.Empty)]
    [InlineData("a", AddressFault.NoDomain)]
    [InlineData("postmaster", AddressFault.NoDomain)]
    [InlineData("a@b>", AddressFault.DomainCharacter)]
    [InlineData("<a@b>", AddressFault.LocalPartCharacter)]
    [InlineData("a@b c", AddressFault.DomainCharacter)]
    [InlineData("a@", AddressFault.NoDomain)]
    public void A_mailbox_is_all_of_the_text(string text, AddressFault fault)
    {
        Assert.False(AddressParser.TryParseMailbox(text, out _, out var error));
        Assert.Equal(fault, error.Fault);
    }

    [Fact]
    public void Every_fault_has_words_of_its_own()
    {
        var words = Enum.GetValues<AddressFault>().Select(fault => new AddressError(fault, 0).ToString()).ToArray();
        Assert.Equal(words.Length, words.Distinct(StringComparer.Ordinal).Count());
    }

    private static bool Reverse(string text, out ReversePath path, out int length, out AddressError error) =>
        AddressParser.TryParseReversePath(Encoding.UTF8.GetBytes(text), AddressLimits.Rfc5321, out path, out length, out error);

    private static bool Forward(string text, out Mailbox? mailbox, out int length, out AddressError error) =>
        AddressParser.TryParseForwardPath(Encoding.UTF8.GetBytes(text), AddressLimits.Rfc5321, out mailbox, out length, out error);
}
