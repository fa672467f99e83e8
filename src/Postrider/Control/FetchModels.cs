using Postrider.Hosting.Relaying;

namespace Postrider.Control;

/// <summary>A fetch that the running server is asked for.</summary>
/// <param name="Host">From which host.</param>
/// <param name="Port">And port.</param>
/// <param name="Domains">The domains to name in ATRN, none for all; null for TURN.</param>
/// <param name="Terms">How the connection is protected, and who we are; files by full paths.</param>
/// <param name="CramMd5">Whether the user is an account for on-demand relay, which logs in by CRAM-MD5.</param>
/// <param name="HelloName">Our name in EHLO, or null: the server's.</param>
/// <param name="ShowsDialogue">Whether what is said is to be told.</param>
internal sealed record FetchOrder(string Host, int Port, IReadOnlyList<string>? Domains, RouteOptions Terms, bool CramMd5, string? HelloName, bool ShowsDialogue);

/// <summary>What the server tells of a fetch: a line for each of these, the last with an outcome.</summary>
/// <param name="Said">A line of the dialogue, or null.</param>
/// <param name="Outcome">How it ended, or null: it goes on.</param>
internal sealed record FetchNews(string? Said, FetchOutcome? Outcome);

/// <summary>How a fetch ended.</summary>
/// <param name="ExitCode">What the command returns.</param>
/// <param name="Lines">What it prints.</param>
/// <param name="Problem">What it prints to standard error, or null.</param>
internal sealed record FetchOutcome(int ExitCode, IReadOnlyList<string> Lines, string? Problem);
