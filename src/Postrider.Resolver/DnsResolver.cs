using System.Net;
using System.Security.Cryptography;
using Postrider.Resolver.Records;
using Postrider.Resolver.Servers;
using Postrider.Resolver.Wire;

namespace Postrider.Resolver;

/// <summary>
/// Asks recursing servers, one after another, by UDP and where the answer is too long by TCP, and keeps what they say for as long as they
/// say. Identifiers are random, and only what answers the question is taken for an answer.
/// </summary>
/// <param name="exchange">How servers are reached.</param>
/// <param name="options">Whom it asks.</param>
/// <param name="time">The clock.</param>
/// <param name="identifiers">Gives the identifier of a question, 0 to 65,535; a cryptographic source when null.</param>
public sealed class DnsResolver(IDnsExchange exchange, ResolverOptions options, TimeProvider time, Func<int>? identifiers = null)
{
    // RFC 2308 §5 asks for a bound where nothing is said; a "no" without SOA is kept for no time, a failure for this.
    private static readonly TimeSpan FailureTime = TimeSpan.FromSeconds(5);

    private readonly long start = time.GetTimestamp();
    private readonly AnswerCache cache = new(options.Kept);
    private readonly Func<int> identifiers = identifiers ?? (static () => RandomNumberGenerator.GetInt32(65_536));

    /// <summary>Asks for the records of a name. Never throws for what the network or a server does: that is an answer, too.</summary>
    /// <param name="name">The name; all of it, for no search list is used. The last dot may be left out.</param>
    /// <param name="type">Which records.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async ValueTask<DnsAnswer> ResolveAsync(string name, RecordType type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = name.TrimEnd('.').ToLowerInvariant();
        if (cache.Find(name, type, Now()) is { } kept)
            return kept;
        var (answer, time) = await AskAllAsync(name, type, cancellationToken);
        if (time > TimeSpan.Zero)
            cache.Keep(name, type, answer, Now() + Math.Min(time.Ticks, options.LongestKept.Ticks));
        return answer;
    }

    private async ValueTask<(DnsAnswer Answer, TimeSpan Time)> AskAllAsync(string name, RecordType type, CancellationToken cancellationToken)
    {
        var problem = "no server is known";
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var server in options.Servers)
            {
                var id = identifiers();
                if (DnsQuery.Write(id, name, type) is not { } query)
                    return (DnsAnswer.Failure($"{name} is no name"), TimeSpan.Zero);
                var (response, trouble) = await AskAsync(server, query, id, name, type, cancellationToken);
                if (response is not null && Judge(response) is { } judged)
                    return judged;
                problem = trouble ?? $"{server} said RCODE {response!.Code}";
            }
        }
        return (DnsAnswer.Failure(problem), FailureTime);
    }

    private async ValueTask<(DnsResponse? Response, string? Trouble)> AskAsync(IPEndPoint server, byte[] query, int id, string name, RecordType type, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        bool IsAnswer(ReadOnlyMemory<byte> message) => DnsResponse.Answers(message.Span, id, name, type);
        try
        {
            var message = await exchange.AskAsync(server, query, overTcp: false, IsAnswer, either.Token);
            var response = DnsResponse.Parse(message.Span, name, type);
            if (response is { IsTruncated: true })
                response = DnsResponse.Parse((await exchange.AskAsync(server, query, overTcp: true, IsAnswer, either.Token)).Span, name, type);
            return response is null ? (null, $"{server} sent what cannot be read") : (response, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{server} did not answer in time");
        }
        catch (IOException e)
        {
            return (null, e.Message);
        }
    }

    // Null where another server may know better.
    private static (DnsAnswer Answer, TimeSpan Time)? Judge(DnsResponse response) => response switch
    {
        { Code: 0, Records.Length: > 0 } => (new DnsAnswer(DnsStatus.Found, response.Records, response.IsAuthentic), response.Records.Min(static record => record.TimeToLive)),
        { Code: 0 } => (new DnsAnswer(DnsStatus.NoRecords, [], response.IsAuthentic), response.NegativeTime ?? TimeSpan.Zero),
        { Code: 3 } => (new DnsAnswer(DnsStatus.NoSuchName, [], response.IsAuthentic), response.NegativeTime ?? TimeSpan.Zero),
        _ => null,
    };

    private long Now() => time.GetElapsedTime(start).Ticks;
}
