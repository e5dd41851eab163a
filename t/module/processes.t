# Several workers, and reloads under load.

use strict;
use warnings;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $gate = gate(workers => 3, expected_log => [qr/policy\.json/], upstream => 'ipfence_guard; keepalive 8;');

# A client that asks on new connections until it is told to stop; it writes the statuses that it got.
sub client {
    my ($from, $file) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    $SIG{TERM} = 'IGNORE';
    my %count;
    my $deadline = time + 4;
    while (time < $deadline) {
        my $response = $gate->token(\%password, from => $from);
        ++$count{$response ? $response->{status} : 'none'};
    }
    $gate->write_file($file, join ' ', map { "$_:$count{$_}" } sort keys %count);
    POSIX::_exit(0);
}

my @clients = (client(inside, 'inside'), client(outside, 'outside'));
my $reloads = 0;
for my $until (time + 3.5) {
    while (time < $until) {
        $gate->signal('HUP');
        ++$reloads;
        sleep 0.2;
    }
}
waitpid $_, 0 for @clients;
cmp_ok($reloads, '>', 5, "reloaded $reloads times");
like(IPFence::Gate::read_whole($gate->file('inside')), qr/\A200:\d{2,}\z/, 'inside, every request of the time passed');
like(IPFence::Gate::read_whole($gate->file('outside')), qr/\A400:\d{2,}\z/, 'outside, every one was denied');
$gate->provider_saw;

# A new policy is in force after a reload, a faulty one is not.
sub reload_and_wait {
    my ($pattern) = @_;
    my $before = $gate->times_logged($pattern);
    $gate->signal('HUP');
    my $deadline = time + 10;
    sleep 0.05 until $gate->times_logged($pattern) > $before || time > $deadline;
    sleep 0.3;
}
my $policy = IPFence::Gate::default_policy();
$policy->{profiles}{office}{login_ip_ranges} = ['127.0.2.0/24'];
$gate->write_policy($policy);
reload_and_wait('start worker process');
is($gate->token(\%password, from => outside)->{status}, 200, 'the new ranges hold');
is($gate->token(\%password, from => inside)->{status}, 400, 'and not the old');
$gate->write_policy('{"ipfence": 1, "profiles": {');
reload_and_wait('policy.json:');
is($gate->token(\%password, from => outside)->{status}, 200, 'a faulty policy leaves the last one in force');
is($gate->token(\%password, from => inside)->{status}, 400, 'whole');
like($gate->error_log, qr/\[emerg\].*policy\.json:1: is not JSON/, 'and is said');
$gate->finish;
done_testing;
