using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// LOGIN (draft-murchison-sasl-login): the server asks for user and password. What it asks with is not looked
/// at, for servers word it differently; the order is the same with all.
/// </summary>
internal sealed class LoginClient(string userName, string password) : SaslClient(Name)
{
    public const string Name = "LOGIN";

    private int asked;

    public override byte[]? Respond(ReadOnlySpan<byte> challenge) => asked++ switch
    {
        0 => Encoding.UTF8.GetBytes(userName),
        1 => Encoding.UTF8.GetBytes(password),
        _ => Cancel("The server asked more than LOGIN has to say"),
    };
}
