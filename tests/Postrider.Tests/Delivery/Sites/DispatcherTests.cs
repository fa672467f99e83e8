using Postrider.Delivery;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Replies;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Delivery.Sites;

public sealed class DispatcherTests
{
    private static readonly RelayTarget Fast = new(new RelayHost("fast.example"));
    private static readonly RelayTarget Slow = new(new RelayHost("slow.example"));
    private static readonly MaildirTarget Mail = new("/mail");
    private static readonly DeliveryStatus Sent = new(DeliveryResult.Relayed, new EnhancedStatusCode(2, 0, 0), "Ok", 250, "fast.example");
    private static readonly DeliveryStatus NoConnection = new(DeliveryResult.Deferred, new EnhancedStatusCode(4, 4, 1), "Connection refused");

    private static readonly RoutingTable Routes = new(
        [Rule("fast.test", Fast), Rule("slow.test", Slow), Rule("mail.test", Mail), Rule("away.test", new OnDemandTarget(Fast)), Rule("gone.test", new OnDemandTarget(null))],
        fetched: [DomainPattern.Parse("slow.test")]);

    [Fact]
    public void An_attempt_reports_and_its_lease_ends_once() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(Sent);
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        var entry = bench.Offer(Fast, "a@fast.test", "b@fast.test");
        Assert.Equal(0, bench.Leases.Ended);
        await bench.EndedAsync(1);
        Assert.Equal([new RecipientOutcome(0, Sent), new RecipientOutcome(1, Sent)], bench.Leases.Completed[entry.Id]);
        Assert.Single(bench.Observer.Attempts);
    });

    [Fact]
    public void What_an_agent_throws_defers_who_has_no_outcome() => Run((bench, _) => bench.Agent = async attempt =>
    {
        attempt.Report(1, Sent);
        await Task.Yield();
        throw new InvalidOperationException("two\r\nlines");
    }, async bench =>
    {
        var entry = bench.Offer(Fast, "a@fast.test", "b@fast.test");
        await bench.EndedAsync(1);
        var outcomes = bench.Leases.Completed[entry.Id];
        Assert.Equal(new RecipientOutcome(1, Sent), outcomes[0]);
        Assert.Equal(new DeliveryStatus(DeliveryResult.Deferred, new EnhancedStatusCode(4, 3, 0), "two  lines"), outcomes[1].Status);
        Assert.IsType<InvalidOperationException>(Assert.Single(bench.Observer.Failures));
    });

    [Fact]
    public void An_agent_that_says_nothing_defers() => Run((bench, _) => bench.Agent = _ => ValueTask.CompletedTask, async bench =>
    {
        var entry = bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(1);
        Assert.Equal(DeliveryResult.Deferred, Assert.Single(bench.Leases.Completed[entry.Id]).Status.Result);
    });

    [Fact]
    public void An_attempt_handed_back_is_not_one() => Run((bench, time) => bench.Agent = attempt =>
    {
        attempt.NotTried(time.GetUtcNow() + TimeSpan.FromMinutes(3), "later");
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        var entry = bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(1);
        Assert.Equal((bench.Start + TimeSpan.FromMinutes(3), "later"), bench.Leases.HandedBack[entry.Id]);
    });

    [Fact]
    public void An_entry_that_has_gone_ends_nothing() => Run((bench, _) => bench.Agent = async attempt =>
    {
        bench.Leases.Remove(attempt.Entry);
        Assert.Null(await attempt.OpenContentAsync());
    }, async bench =>
    {
        bench.Leases.Remove(bench.Offer(Fast, "a@fast.test"));
        bench.Offer(Fast, "b@fast.test");
        await bench.IdleAsync();
        Assert.Equal(0, await bench.Dispatcher.StopAsync(TimeSpan.FromSeconds(1)));
        Assert.Equal(0, bench.Leases.Ended);
        Assert.Empty(bench.Observer.Attempts);
    });

    [Fact]
    public void A_site_gets_no_more_attempts_at_a_time_than_its_limit_and_then_a_bounded_queue() => Run((bench, _) => bench.HoldAll(), async bench =>
    {
        for (var i = 0; i < 4; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.IdleAsync();
        for (var i = 0; i < 36; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.IdleAsync();
        Assert.Equal(4, bench.Running);
        Assert.Equal(26, bench.Leases.HandedBack.Count);
        Assert.All(bench.Leases.HandedBack.Values, back => Assert.True(back.Until >= bench.Start + TimeSpan.FromSeconds(1) && back.Reason.Contains("10 messages wait", StringComparison.Ordinal)));
        bench.Release();
        await bench.EndedAsync(40);
        Assert.Equal(14, bench.Leases.Completed.Count);
        Assert.Equal(4, bench.MostRunning);
    });

    [Fact]
    public void A_site_holds_as_many_as_it_serves_in_two_seconds_and_few_once_it_stops() => Run((bench, time) => bench.Agent = async attempt =>
    {
        var wait = bench.Leases.Ended < 400 ? TimeSpan.FromMilliseconds(20) : TimeSpan.FromHours(1);
        await Task.Delay(wait, time);
        attempt.ReportRemaining(Sent);
        attempt.ReportSite(SiteCondition.Reached, "");
    }, async bench =>
    {
        // Nothing is known of it yet: one attempt, and the least that waits.
        for (var i = 0; i < 40; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.IdleAsync();
        Assert.Equal(1, bench.Running);
        Assert.Equal(30, bench.Leases.HandedBack.Count);
        await bench.EndedAsync(40);

        // What is idle is not slow, however long it was.
        await bench.FeedAsync(50);
        await Task.Delay(TimeSpan.FromMinutes(1), bench.Time);
        for (var i = 0; i < 200; i++)
            bench.Offer(Fast, "a@fast.test");
        Assert.Equal(30, bench.Leases.HandedBack.Count);
        await bench.EndedAsync(290);

        // Four at a time of 20 ms each: about 400.
        for (var i = 0; i < 1000; i++)
            bench.Offer(Fast, "a@fast.test");
        var handedBack = bench.Leases.HandedBack.Count;
        Assert.InRange(handedBack - 30, 590, 610);

        // And then it answers no more.
        await Task.Delay(TimeSpan.FromMinutes(1), bench.Time);
        bench.Offer(Fast, "a@fast.test");
        Assert.Equal(handedBack + 1, bench.Leases.HandedBack.Count);
    }, options: new SiteOptions { MaxAttempts = 4, FirstAttempts = 1, MinReady = 10, MaxReady = 5000 });

    [Fact]
    public void A_slow_site_holds_up_no_other() => Run((bench, time) => bench.Agent = async attempt =>
    {
        if (attempt.Target == Slow)
            await Task.Delay(TimeSpan.FromHours(1), time);
        attempt.ReportRemaining(Sent);
    }, async bench =>
    {
        for (var i = 0; i < 10; i++)
            bench.Offer(Slow, "a@slow.test");
        for (var i = 0; i < 10; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(10);
        Assert.Equal(bench.Start, bench.Now);
        Assert.All(bench.Leases.Completed.Keys, id => Assert.True(id.Value > 10));
        await bench.EndedAsync(20);
    });

    [Fact]
    public void A_site_that_cannot_be_reached_gets_its_mail_back_and_one_attempt_later() => Run((bench, time) => bench.Agent = async attempt =>
    {
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        if (time.GetUtcNow() < bench.Start + TimeSpan.FromMinutes(3))
        {
            attempt.ReportRemaining(NoConnection);
            attempt.ReportSite(SiteCondition.Unreachable, "Connection refused");
            return;
        }
        attempt.ReportRemaining(Sent);
    }, async bench =>
    {
        for (var i = 0; i < 10; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(10);

        // Four were under way, all failed, and it counts as one failure; six were not tried.
        Assert.Equal(4, bench.Leases.Completed.Count);
        var reopens = bench.Start + TimeSpan.FromSeconds(61);
        Assert.All(bench.Leases.HandedBack.Values, back => Assert.Equal((reopens, "relay:fast.example:25 cannot be reached: Connection refused"), back));
        Assert.Equal(new SiteChange(Fast.Key, SiteCondition.Unreachable, "Connection refused", 1, reopens), Assert.Single(bench.Observer.Changes));

        // While it is closed nothing is tried.
        var early = bench.Offer(Fast, "a@fast.test");
        Assert.Equal(reopens, bench.Leases.HandedBack[early.Id].Until);

        // One attempt finds it down again: twice as long now.
        await Task.Delay(TimeSpan.FromMinutes(1), bench.Time);
        bench.MostRunning = 0;
        for (var i = 0; i < 5; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(16);
        Assert.Equal(1, bench.MostRunning);
        Assert.Equal(TimeSpan.FromMinutes(2), bench.Observer.Changes[^1].ClosedUntil - bench.Now);

        // And then it is back, and gets more with each success.
        await Task.Delay(TimeSpan.FromMinutes(2), bench.Time);
        for (var i = 0; i < 10; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(26);
        Assert.Equal(4, bench.MostRunning);
        Assert.Equal(new SiteChange(Fast.Key, SiteCondition.Reached, "", 4, null), bench.Observer.Changes[^1]);
    });

    [Fact]
    public void A_site_that_an_operator_says_is_back_is_tried_at_once() => Run((bench, time) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(NoConnection);
        attempt.ReportSite(SiteCondition.Unreachable, "Connection refused");
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(1);
        Assert.True(bench.Leases.HandedBack.ContainsKey(bench.Offer(Fast, "a@fast.test").Id));

        bench.Dispatcher.Reopen("relay:nobody.example:25");
        Assert.True(bench.Leases.HandedBack.ContainsKey(bench.Offer(Fast, "a@fast.test").Id));

        bench.Dispatcher.Reopen(Fast.Key);
        var tried = bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(4);
        Assert.True(bench.Leases.Completed.ContainsKey(tried.Id));
        Assert.Equal(bench.Start, bench.Now);
    });

    [Fact]
    public void A_site_that_asks_for_less_gets_half_at_a_time() => Run((bench, time) => bench.Agent = async attempt =>
    {
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        attempt.ReportRemaining(Sent);
        if (time.GetUtcNow() < bench.Start + TimeSpan.FromSeconds(1.5))
            attempt.ReportSite(SiteCondition.Busy, "421 too many");
    }, async bench =>
    {
        for (var i = 0; i < 6; i++)
            bench.Offer(Fast, "a@fast.test");
        await Task.Delay(TimeSpan.FromSeconds(1.7), bench.Time);
        Assert.Equal(2, bench.Running);
        Assert.Equal(new SiteChange(Fast.Key, SiteCondition.Busy, "421 too many", 2, null), Assert.Single(bench.Observer.Changes));
        await bench.EndedAsync(6);
        Assert.Equal(6, bench.Leases.Completed.Count);
    });

    [Fact]
    public void Local_mail_is_never_held_back_for_what_an_attempt_found() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(NoConnection);
        attempt.ReportSite(SiteCondition.Unreachable, "no");
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        for (var i = 0; i < 10; i++)
            bench.Offer(Mail, "a@mail.test");
        await bench.EndedAsync(10);
        Assert.Equal(10, bench.Leases.Completed.Count);
    });

    [Fact]
    public void Changed_routes_sort_the_recipients_anew() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(Sent);
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        var mixed = bench.Offer(Fast, "a@fast.test", "b@slow.test", "c@nowhere.test");
        var same = bench.Offer(Fast, "a@fast.test");
        bench.Router.Replace(new RoutingTable([Rule("fast.test", Mail), Rule("slow.test", Slow)]));
        await bench.EndedAsync(2);
        Assert.Equal([Mail.Key, Slow.Key, RoutingTable.NoRouteKey], bench.Leases.Rerouted[mixed.Id]);
        Assert.Equal([Mail.Key], bench.Leases.Rerouted[same.Id]);
        Assert.Equal(2, bench.Observer.Rerouted.Count);
    });

    [Fact]
    public void Mail_for_a_dead_site_is_sorted_anew_at_once_when_no_route_leads_there_any_more() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(NoConnection);
        attempt.ReportSite(SiteCondition.Unreachable, "no");
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(1);
        bench.Router.Replace(new RoutingTable([Rule("fast.test", Slow)]));
        var entry = bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(2);
        Assert.Equal([Slow.Key], bench.Leases.Rerouted[entry.Id]);
    });

    [Fact]
    public void Mail_without_a_route_waits_for_one() => Run((bench, _) => bench.HoldAll(), async bench =>
    {
        var entry = bench.Offer(RoutingTable.NoRouteKey, "a@nowhere.test");
        await bench.EndedAsync(1);
        var status = Assert.Single(bench.Leases.Completed[entry.Id]).Status;
        Assert.Equal((DeliveryResult.Deferred, "4.4.4"), (status.Result, status.Enhanced.ToString()));
    });

    [Fact]
    public void A_fault_of_the_queue_hands_the_lease_back() => Run(
        (bench, _) => bench.Agent = _ => ValueTask.CompletedTask,
        async bench =>
        {
            var entry = bench.Offer(Fast, "a@fast.test");
            await bench.EndedAsync(1);
            Assert.Equal("damaged", bench.Leases.HandedBack[entry.Id].Reason);
            Assert.Single(bench.Observer.Failures);
        },
        new FakeLeases { OnBegin = _ => throw new InvalidOperationException("damaged") });

    [Fact]
    public void A_stop_waits_for_what_is_under_way_and_hands_back_the_rest() => Run((bench, time) => bench.Agent = async attempt =>
    {
        await Task.Delay(TimeSpan.FromSeconds(5), time);
        attempt.ReportRemaining(Sent);
    }, async bench =>
    {
        for (var i = 0; i < 10; i++)
            bench.Offer(Fast, "a@fast.test");
        await bench.IdleAsync();
        Assert.Equal(0, await bench.Dispatcher.StopAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromSeconds(5), bench.Now - bench.Start);
        Assert.Equal((4, 6), (bench.Leases.Completed.Count, bench.Leases.HandedBack.Count));
        var late = bench.Offer(Fast, "a@fast.test");
        Assert.True(bench.Leases.HandedBack.ContainsKey(late.Id));
    });

    [Fact]
    public void A_stop_tells_agents_to_give_up_and_says_how_many_hang() => Run((bench, time) => bench.Agent = async attempt =>
    {
        await Task.Delay(TimeSpan.FromDays(1), time, attempt.Open.Length == 1 ? bench.GiveUp : CancellationToken.None);
    }, async bench =>
    {
        var obeys = bench.Offer(Fast, "a@fast.test");
        bench.Offer(Fast, "a@fast.test", "b@fast.test");
        await bench.IdleAsync();
        Assert.Equal(1, await bench.Dispatcher.StopAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromSeconds(35), bench.Now - bench.Start);
        Assert.Equal("The server is shutting down", Assert.Single(bench.Leases.HandedBack).Value.Reason);
        Assert.True(bench.Leases.HandedBack.ContainsKey(obeys.Id));
    });

    [Fact]
    public void A_queue_that_offers_the_next_from_within_the_end_of_the_last_grows_no_stack() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(Sent);
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        bench.Leases.OnEnd = entry =>
        {
            if (entry.Id.Value < 20_000)
                bench.Offer(Fast, "a@fast.test");
        };
        bench.Offer(Fast, "a@fast.test");
        await bench.EndedAsync(20_000);
    });

    [Fact]
    public void Mail_on_demand_goes_when_it_is_asked_for_and_for_a_while() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(Sent);
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        const string Key = "for:away.test/on-demand:";
        var entry = bench.Offer(Key, "a@away.test");
        await bench.EndedAsync(1);
        Assert.Equal("Mail for away.test waits until it is fetched", bench.Leases.Awaiting[entry.Id].Text);
        Assert.Empty(bench.Observer.Attempts);

        bench.Dispatcher.Reopen(Key);
        var sent = bench.Offer(Key, "b@away.test");
        await bench.EndedAsync(2);
        Assert.Equal(Sent, Assert.Single(bench.Leases.Completed[sent.Id]).Status);
        Assert.Same(Fast, Assert.Single(bench.Observer.Attempts).Target);

        // Each success makes the time anew.
        await Task.Delay(TimeSpan.FromMinutes(4), bench.Time);
        sent = bench.Offer(Key, "c@away.test");
        await bench.EndedAsync(3);
        await Task.Delay(TimeSpan.FromMinutes(4), bench.Time);
        sent = bench.Offer(Key, "d@away.test");
        await bench.EndedAsync(4);
        Assert.True(bench.Leases.Completed.ContainsKey(sent.Id));
        await Task.Delay(TimeSpan.FromMinutes(6), bench.Time);
        entry = bench.Offer(Key, "e@away.test");
        await bench.EndedAsync(5);
        Assert.True(bench.Leases.Awaiting.ContainsKey(entry.Id));
    });

    [Fact]
    public void Mail_on_demand_that_is_asked_for_while_it_is_put_away_is_not_forgotten() => Run((bench, _) => { }, async bench =>
    {
        const string Key = "for:away.test/on-demand:";
        var entry = bench.Offer(Key, "a@away.test");
        await bench.EndedAsync(1);
        Assert.Empty(bench.Leases.AskedForMeanwhile);
        bench.Leases.OnAwait = _ => bench.Dispatcher.Reopen(Key);
        entry = bench.Offer(Key, "b@away.test");
        await bench.EndedAsync(2);
        Assert.Equal([entry.Id], bench.Leases.AskedForMeanwhile);
    });

    [Fact]
    public void Mail_on_demand_waits_again_when_its_place_cannot_be_reached() => Run((bench, _) => bench.Agent = attempt =>
    {
        attempt.ReportRemaining(NoConnection);
        attempt.ReportSite(SiteCondition.Unreachable, "Connection refused");
        return ValueTask.CompletedTask;
    }, async bench =>
    {
        const string Key = "for:away.test/on-demand:";
        bench.Dispatcher.Reopen(Key);
        bench.Offer(Key, "a@away.test");
        await bench.EndedAsync(1);
        var entry = bench.Offer(Key, "b@away.test");
        await bench.EndedAsync(2);
        Assert.True(bench.Leases.Awaiting.ContainsKey(entry.Id));
        // Asked for again, the place is tried again, though it was to be left alone.
        bench.Dispatcher.Reopen(Key);
        entry = bench.Offer(Key, "c@away.test");
        await bench.EndedAsync(3);
        Assert.Equal(NoConnection, Assert.Single(bench.Leases.Completed[entry.Id]).Status);
    });

    [Fact]
    public void Mail_on_demand_without_a_place_waits_whoever_asks() => Run((_, _) => { }, async bench =>
    {
        const string Key = "for:gone.test/on-demand:";
        bench.Dispatcher.Reopen(Key);
        var entry = bench.Offer(Key, "a@gone.test");
        await bench.EndedAsync(1);
        Assert.True(bench.Leases.Awaiting.ContainsKey(entry.Id));
    });

    [Fact]
    public void Domains_with_keys_of_their_own_share_the_place_they_go_to() => Run((bench, _) => bench.HoldAll(), async bench =>
    {
        const string Key = "for:slow.test/relay:slow.example:25";
        for (var i = 0; i < 8; i++)
        {
            bench.Offer(Key, "a@slow.test");
            bench.Offer(Fast, "a@fast.test");
        }
        await bench.IdleAsync();
        Assert.Equal(8, bench.MostRunning);
        bench.Release();
        await bench.EndedAsync(16);
        Assert.Equal(16, bench.Leases.Completed.Count);
        Assert.Equal([Fast, Slow], bench.Observer.Attempts.Select(attempt => attempt.Target).Distinct().OrderBy(target => target.Key, StringComparer.Ordinal));
    });

    [Fact]
    public void A_route_that_is_no_longer_on_demand_sorts_its_mail_anew() => Run((_, _) => { }, async bench =>
    {
        var entry = bench.Offer("for:fast.test/on-demand:", "a@fast.test");
        await bench.EndedAsync(1);
        Assert.Equal([Fast.Key], bench.Leases.Rerouted[entry.Id]);
    });

    private static RouteRule Rule(string pattern, RouteTarget target) => new(DomainPattern.Parse(pattern), target);

    private static void Run(Action<Bench, TimeProvider> prepare, Func<Bench, Task> body, FakeLeases? leases = null, SiteOptions? options = null)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var simulation = new Simulation(seed);
            simulation.Run(async () =>
            {
                using var bench = new Bench(simulation.Time, leases is null ? new FakeLeases() : new FakeLeases { OnBegin = leases.OnBegin }, options);
                prepare(bench, simulation.Time);
                await body(bench);
            });
        }
    }

    private sealed class Bench : IDeliveryAgent, IDisposable
    {
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Bench(TimeProvider time, FakeLeases leases, SiteOptions? options)
        {
            Time = time;
            Start = time.GetUtcNow();
            Leases = leases;
            Dispatcher = new Dispatcher(
                Router,
                leases,
                new Dictionary<Type, IDeliveryAgent> { [typeof(RelayTarget)] = this, [typeof(MaildirTarget)] = this },
                Observer,
                time,
                new DispatcherOptions { Remote = options ?? new SiteOptions { MaxAttempts = 4, MaxReady = 10 } });
        }

        public TimeProvider Time { get; }

        public DateTimeOffset Start { get; }

        public DateTimeOffset Now => Time.GetUtcNow();

        public FakeLeases Leases { get; }

        public Router Router { get; } = new(Routes);

        public RecordingObserver Observer { get; } = new();

        public Dispatcher Dispatcher { get; }

        public Func<DeliveryAttempt, ValueTask>? Agent { get; set; }

        public CancellationToken GiveUp { get; private set; }

        public int Running { get; private set; }

        public int MostRunning { get; set; }

        public DueEntry Offer(RouteTarget target, params string[] recipients) => Offer(target.Key, recipients);

        public DueEntry Offer(string nextHop, params string[] recipients)
        {
            var entry = Leases.Add(nextHop, recipients);
            Dispatcher.Dispatch(entry);
            return entry;
        }

        public void HoldAll() => Agent = async attempt =>
        {
            await released.Task;
            attempt.ReportRemaining(Sent);
        };

        public void Release() => released.SetResult();

        /// <summary>Offers one after the other, each when the last has ended.</summary>
        public async Task FeedAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Offer(Fast, "a@fast.test");
                await EndedAsync(Leases.Ended + 1);
            }
        }

        public Task EndedAsync(int count) => Leases.EndedAsync(count);

        /// <summary>Lets everything run that can without the clock moving.</summary>
        public async Task IdleAsync()
        {
            for (var i = 0; i < 200; i++)
                await Task.Yield();
        }

        public async ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
        {
            GiveUp = cancellationToken;
            Running++;
            MostRunning = Math.Max(MostRunning, Running);
            try
            {
                await Agent!(attempt);
            }
            finally
            {
                Running--;
            }
        }

        public void Dispose() => Dispatcher.Dispose();
    }
}
