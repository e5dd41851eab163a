# A policy that is put back is in force again everywhere, also where a worker reads it that could not take up the one that
# it takes the place of.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($inside_only, $outside_only) = map { IPFence::Gate::default_policy($_) } '127.0.1.0/24', '127.0.2.0/24';
my $gate = gate(stopped => 1, workers => 2, named_workers => 1, policy => $inside_only, upstream => 'ipfence_guard;');
is($gate->compile_preload('failing_map.c'), 0, 'the failing map compiles');
$ENV{FAILING_MAP} = $gate->file('failing');
$gate->start;
my ($failing, $other) = $gate->workers;

# How often the worker has taken up a policy.
sub taken_up { my ($worker) = @_; return $gate->times_logged(qr/ $worker#[^\n]*is in force, in place of/) }

$gate->write_file('failing', "$failing\n");
$gate->write_policy($outside_only);
ok(wait_for(sub { taken_up($other) == 1 }), 'a change is in force in one worker');
is(taken_up($failing), 0, 'and the other one cannot map it');

sleep 1;
kill STOP => $other;
$gate->write_policy($inside_only);
sleep 2;
unlink $gate->file('failing');
kill CONT => $other;
ok(wait_for(sub { taken_up($other) == 2 }), 'put back, and read by the worker that never had the change: in force in the one that had it');
is($gate->statuses_of_workers(\%password, from => outside), '400', 'outside is denied by both');

$gate->provider_saw;
$gate->finish;
done_testing;
