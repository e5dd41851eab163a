package IPFence::StoreFault;

# What the faults of the store share: three gates before one provider, their Redis, and what they promise whatever
# becomes of it. It recovers without a restart, no worker stands still, and every question is counted.

use strict;
use warnings;
use Time::HiRes qw(sleep time);

use IPFence::Fault qw(in_turn);
use IPFence::Heartbeat;
use IPFence::Load qw(server_block);
use IPFence::LyingRedis;
use IPFence::Nodes qw(store_directive store_key store_status);
use IPFence::Redis;

use Exporter qw(import);
our @EXPORT = qw(faulty one_redis behind_a_liar behaving outages lies behaves_well);

my $recovers_within = 5;
# What a worker that waited for Redis would exceed with every second request.
my $budget = 0.1;

# A gate with this store, as run_fault starts three of.
sub gate_with {
    my ($url, $options, $expected_log, @servers) = @_;
    return {
        zone => '8m',
        expected_log => $expected_log,
        files => {'store.key' => store_key()},
        http => store_directive(store => $url, options => 'timeout=' . 1000 * $budget . "ms $options"),
        server => server_block() . 'location = /heartbeat { ipfence off; return 200 beat; } location /status/ { ipfence_status; }',
        providers => \@servers,
    };
}

# What one gate issues, every other one must know again.
sub shares {
    my ($gate) = @_;
    my ($one, @others) = @{$gate->{nodes}};
    my $count = 0;
    for my $other (@others) {
        my ($shared, $ended) = (0, time + $recovers_within);
        until ($shared || time > $ended) {
            my $number = 'after' . $other->{port} . 'n' . ++$count;
            $one->token({grant_type => 'authorization_code', code => "code.alice.$number", client_id => 'web'}, headers => [['X-Number', $number]]);
            my $api = $other->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer access.alice.$number"]]);
            $shared = $api && $api->{status} == 200;
            sleep 0.05 unless $shared;
        }
        return "what one gate issued is not known to the one at $other->{port}, $recovers_within s after the store is back" unless $shared;
    }
    return ();
}

# Every question that was put to the store has one outcome, and those that the fault must bring about are among them.
sub counts_up {
    my ($gate, @expected) = @_;
    my %count;
    for my $node (@{$gate->{nodes}}) {
        my $status = store_status($node);
        $count{$_} += $status->{requests}{$_} for keys %{$status->{requests}};
        $count{"$_ writes"} += $status->{writes}{$_} for keys %{$status->{writes}};
    }
    return map { $count{$_} ? () : "the store was never asked or told with this outcome: $_" } 'hit', 'done writes', @expected;
}

# faulty(id => …, store => sub { {url => …, servers => [what is stopped at the end]} }, disturb => sub { (sub { my ($store, $gate) = @_ }, …) }
# in turn, turns => how many in all, mend => sub { my ($store) = @_ }, options => of ipfence_store, outcomes => [those that must be
# counted], …): what `fault` takes.
sub faulty {
    my (%of) = @_;
    my ($store, @beats);
    return (
        id => $of{id},
        nodes => 3,
        gate => sub { $store = $of{store}->(); return %{gate_with($store->{url}, $of{options} // '', $of{expected_log} // [], @{$store->{servers}})} },
        load => {clients => 6, kinds => [qw(password code code api api refresh unseen)], %{$of{load} // {}}},
        inject => sub {
            my ($gate, $end, $seconds) = @_;
            @beats = map { IPFence::Heartbeat->start($_, seconds => $end - time) } $gate;
            return in_turn($seconds / ($of{turns} // 8), $end, map { my $do = $_; sub { $do->($store, $gate) } } $of{disturb}->());
        },
        mend => sub { $of{mend}->($store) if $of{mend} },
        strict => $of{strict} // [],
        map({ defined $of{$_} ? ($_ => $of{$_}) : () } qw(says fails)),
        tells => sub { my $beat = beat_of(@beats); return sprintf 'heartbeat p99.9 %.0f ms, longest %.0f ms', 1000 * $beat->{p999}, 1000 * $beat->{longest} },
        check => sub {
            my ($gate) = @_;
            my $beat = beat_of(@beats);
            my @broken = $beat->{median} < $budget / 2 ? () : "L14: the event loop stood still: half the heartbeats took $beat->{median} s";
            push @broken, "L14: a heartbeat took $beat->{longest} s" if $beat->{longest} > 1;
            return @broken, shares($gate), counts_up($gate, @{$of{outcomes} // []});
        },
    );
}

sub beat_of { my ($beat) = @_; return $beat->{of} //= $beat->results }

sub one_redis { my (%given) = @_; return sub { my $redis = redis(%given); return {url => $redis->url, redis => $redis, servers => [$redis]} } }

sub behind_a_liar {
    my $redis = redis();
    my $lying = lying_redis($redis);
    return {url => $lying->url, redis => $redis, lying => $lying, servers => [$lying, $redis]};
}

sub behaving { my (@how) = @_; return sub { my ($store) = @_; $store->{lying}->behaves(@how) } }

my @outages = qw(blackhole down late loading moved noauth readonly reset slow);

sub outages { return @outages }
sub lies { my %is_outage = map { $_ => 1 } @outages; return grep { !$is_outage{$_} } behaviours() }
sub behaves_well { $_[0]{lying}->behaves('well') }

1;
