using System.Text;
using Postrider.Smtp.Sasl;

namespace Postrider.Tests.Smtp.Sasl;

public sealed class ScramClientTests
{
    // RFC 7677 §3.
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private int derived;

    [Fact]
    public void It_holds_the_exchange_of_the_RFC()
    {
        var client = Client();
        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Text(client.InitialResponse));
        Assert.Equal(ClientFinal, Respond(client, ServerFirst));
        Assert.False(client.IsServerProven);
        Assert.Equal("", Respond(client, ServerFinal));
        Assert.True(client.IsServerProven);
        Assert.Null(client.Fault);
        Assert.Null(Respond(client, ServerFinal));
    }

    [Fact]
    public void What_costs_time_is_done_beforehand_and_once()
    {
        var client = Client();
        var work = client.Prepare(Encoding.UTF8.GetBytes(ServerFirst));
        Assert.Equal(0, derived);
        work!();
        Assert.Equal(1, derived);
        Assert.Equal(ClientFinal, Respond(client, ServerFirst));
        Assert.Null(client.Prepare(Encoding.UTF8.GetBytes(ServerFinal)));
        Assert.Equal("", Respond(client, ServerFinal));
        Assert.Equal(1, derived);
    }

    [Fact]
    public void Keys_that_are_known_cost_nothing()
    {
        var credential = new PasswordCredential("user", "pencil");
        var channel = new SaslChannel { IsProtected = true };
        for (var i = 0; i < 3; i++)
        {
            var client = credential.Begin([ScramClient.Name], channel, new byte[SaslCredential.NonceSize], out _)!;
            var nonce = Text(client.InitialResponse)!.Split("r=")[1];
            var first = $"r={nonce}xyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
            var work = client.Prepare(Encoding.UTF8.GetBytes(first));
            Assert.Equal(i == 0, work is not null);
            work?.Invoke();
            Assert.NotNull(Respond(client, first));

            // Another salt or number of iterations has other keys.
            Assert.NotNull(Again().Prepare(Encoding.UTF8.GetBytes(first.Replace("4096", "4097", StringComparison.Ordinal))));
            Assert.NotNull(Again().Prepare(Encoding.UTF8.GetBytes(first.Replace("W22", "X22", StringComparison.Ordinal))));
        }

        SaslClient Again() => credential.Begin([ScramClient.Name], channel, new byte[SaslCredential.NonceSize], out _)!;
    }

    [Fact]
    public void A_server_that_does_not_know_the_password_is_not_believed()
    {
        var client = Client();
        Respond(client, ServerFirst);
        Assert.Null(Respond(client, "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        Assert.False(client.IsServerProven);
        Assert.Equal("The server does not know the password: its signature is wrong", client.Fault);
    }

    [Theory]
    [InlineData("e=invalid-proof", "The server refused: invalid-proof")]
    [InlineData("e=Some secret\tthing", "The server refused: other-error")]
    public void A_refusal_is_acknowledged_and_told(string serverFinal, string fault)
    {
        var client = Client();
        Respond(client, ServerFirst);
        Assert.Equal("", Respond(client, serverFinal));
        Assert.Equal(fault, client.Fault);
        Assert.False(client.IsServerProven);
    }

    [Theory]
    [InlineData("")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("s=W22ZaJ0SNY7soEsUEjb6gQ==,r=rOprNGfwEbeRWgbNEkqOx,i=4096")]
    [InlineData("m=new,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,m=new")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22Za,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=600001")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==")]
    public void A_first_message_that_is_wrong_costs_nothing(string serverFirst)
    {
        var client = Client();
        Assert.Null(client.Prepare(Encoding.UTF8.GetBytes(serverFirst)));
        Assert.Null(Respond(client, serverFirst));
        Assert.NotNull(client.Fault);
        Assert.Equal(0, derived);
    }

    [Fact]
    public void Optional_extensions_are_let_pass() =>
        Assert.NotNull(Respond(Client(), "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,x=anything"));

    [Fact]
    public void Names_are_escaped_and_the_binding_is_part_of_the_proof()
    {
        var client = new ScramClient(ScramBinding.Bound, new byte[] { 1, 2, 3 }, "a,b", "x=y", "abc", Keys);
        Assert.Equal("p=tls-server-end-point,a=a=2Cb,n=x=3Dy,r=abc", Text(client.InitialResponse));
        var final = Respond(client, "r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        var expected = Convert.ToBase64String([.. "p=tls-server-end-point,a=a=2Cb,"u8, 1, 2, 3]);
        Assert.StartsWith($"c={expected},r=abcdef,p=", final);
    }

    private static string? Respond(SaslClient client, string challenge) => Text(client.Respond(Encoding.UTF8.GetBytes(challenge)));

    private static string? Text(byte[]? octets) => octets is null ? null : Encoding.UTF8.GetString(octets);

    private ScramClient Client() => new(ScramBinding.Unsupported, default, null, "user", "rOprNGfwEbeRWgbNEkqO", Keys);

    private ScramKeys Keys(byte[] salt, int iterations)
    {
        derived++;
        return ScramKeys.Derive("pencil", salt, iterations);
    }
}
