# What is done now and then, whatever requests there are: looking after the policy's file and writing the audit lines that
# wait. By a timer of the worker's own, or by nginx's where the system has no descriptor left for one, or the worker few connections.

use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Time::HiRes qw(sleep time);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

# Seconds until it is so.
sub seconds_until {
    my ($is_so) = @_;
    my $begin = time;
    sleep 0.02 until $is_so->() || time - $begin > 5;
    return time - $begin;
}

sub timer_descriptors { my ($worker) = @_; return scalar grep { (readlink($_) // '') =~ /timerfd/ } glob "/proc/$worker/fd/*" }

sub test_timers {
    my ($name, $descriptors, %with) = @_;
    my $gate = gate(
        stopped => 1,
        policy => IPFence::Gate::default_policy('127.0.1.0/24'),
        server => 'ipfence_audit waiting.ndjson buffer=64k flush=1s; location = /token { ipfence token; proxy_pass http://provider; }',
        upstream => 'ipfence_guard;',
    );
    if (my $preload = $with{preload}) {
        is($gate->compile_preload($preload), 0, "$name: $preload compiles");
    }
    $gate->start;
    my ($worker) = $gate->workers;
    wait_for(sub { timer_descriptors($worker) == $descriptors });    # it listens before it has any
    is(timer_descriptors($worker), $descriptors, "$name: $descriptors descriptors of timers");
    my $written = sub { my $lines = () = IPFence::Gate::read_whole($gate->file('waiting.ndjson')) =~ /\n/g; return $lines };
    for my $line (1, 2) {
        is($gate->token(\%password)->{status}, '200', "$name: inside passes");
        is($written->(), $line - 1, "$name: its line waits");
        cmp_ok(seconds_until(sub { $written->() == $line }), '<', 3, "$name: and is written");
    }
    $gate->write_policy(IPFence::Gate::default_policy('127.0.2.0/24'));
    cmp_ok(seconds_until(sub { $gate->token(\%password)->{status} eq '400' }), '<', 2, "$name: a changed policy comes into force");
    $gate->signal('HUP');
    ok(seconds_until(sub { !kill 0, $worker }) < 2, "$name: a worker that ends does not wait for its timers");
    is($gate->token(\%password)->{status}, '400', "$name: its successor decides by the same policy");
    $gate->provider_saw;
    $gate->finish;
}

test_timers('of its own', 2);
test_timers("of nginx's", 0, preload => 'no_timer_descriptors.c');

# More policies than the worker has connections: it serves all the same.
my $many = 40;
my $crowded = gate(
    stopped => 1,
    listen => 'default_server',
    files => {map { ("policy-$_.json" => JSON::PP::encode_json(IPFence::Gate::default_policy('127.0.1.0/24'))) } 1 .. $many},
    http => join('', map { "server { listen 127.0.0.1:PORT; server_name $_.test; ipfence_policy policy-$_.json; }\n" } 1 .. $many),
);
$crowded->write_file('nginx.conf', $crowded->{configuration} =~ s/worker_connections 256/worker_connections 32/r);
$crowded->start;
is($crowded->token(\%password)->{status}, '200', 'with more policies than connections: inside passes');
is($crowded->token(\%password, from => outside)->{status}, '400', 'with more policies than connections: outside does not');
$crowded->write_policy(IPFence::Gate::default_policy('127.0.2.0/24'));
cmp_ok(seconds_until(sub { $crowded->token(\%password)->{status} eq '400' }), '<', 2, 'with more policies than connections: a changed policy comes into force');
$crowded->finish;
done_testing;
