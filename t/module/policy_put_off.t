# A change that a worker cannot read for want of descriptors is no faulty policy: it is read when there are some again.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($inside_only, $outside_only) = map { IPFence::Gate::default_policy($_) } '127.0.1.0/24', '127.0.2.0/24';
my $gate = gate(policy => $inside_only, upstream => 'ipfence_guard;', expected_log => [qr/policy\.json|users\.ndjson/]);
my ($worker) = $gate->workers;

sub let_have { my ($descriptors) = @_; system("prlimit --pid $worker --nofile=$descriptors:1024") == 0 or die "prlimit: $?" }

sub status { return $gate->token(\%password, from => outside)->{status} }

sub said { my ($pattern) = @_; return $gate->times_logged(qr/ipfence_policy[^\n]*$pattern/) }

# The first thread is begun while there are descriptors: UBSan takes some to look at it, once.
let_have(1024);
$gate->write_policy($outside_only);
ok(wait_for(sub { status() eq '200' }), 'a change is in force');
my $listed = IPFence::Gate::policy_with_users_file('127.0.1.0/24');
my %changes = (
    'a document' => sub { $gate->write_policy($inside_only) },
    'users' => sub { $gate->write_file('users.ndjson', qq({"user": "alice", "profile": "office"}\n{"users": 1}\n)); $gate->write_policy($listed) },
);
my $times = 0;
for my $what (sort keys %changes) {
    let_have(3);
    $changes{$what}->();
    ok(wait_for(sub { said('cannot be read for now') > $times }), "$what: there is no descriptor to read it");
    sleep 3;
    is(said('cannot be read for now'), $times + 1, "$what: said once");
    let_have(1024);
    ok(wait_for(sub { status() eq '400' }), "$what: in force when there are descriptors again");
    is(said('can be read again'), ++$times, "$what: as is said");
    $gate->write_policy($outside_only);
    ok(wait_for(sub { status() eq '200' }), "$what: and the next change is in force");
}
is(said('is faulty'), 0, 'none was taken for faulty');

$gate->provider_saw;
$gate->finish;
done_testing;
