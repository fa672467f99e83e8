using System.Text;
using Postrider.Smtp.Addresses;

namespace Postrider.Mime.Headers;

/// <summary>
/// The field that final delivery puts at the very start of a message (RFC 5321 §4.4), and no other
/// server does.
/// </summary>
public static class ReturnPathField
{
    /// <summary>The field with its CRLF: <c>Return-Path: &lt;jones@example.org&gt;</c>, or <c>&lt;&gt;</c> for the null sender.</summary>
    public static byte[] Format(ReversePath reversePath) => Encoding.UTF8.GetBytes($"Return-Path: <{reversePath}>\r\n");
}
