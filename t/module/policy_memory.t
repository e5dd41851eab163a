# A worker without memory when the policy changes: each allocation that it takes to look, to read and to take the policy
# up fails in turn, once and with all that follow. The worker lives, and the policy is in force when there is memory again.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Allocations;
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my @policies = map { IPFence::Gate::default_policy($_) } '127.0.2.0/24', '127.0.1.0/24', '127.0.0.0/16';
my $gate = gate(stopped => 1, policy => $policies[0], upstream => 'ipfence_guard;', expected_log => [qr/no memory|policy\.json|Cannot allocate memory/]);

my $allocations = IPFence::Allocations->new($gate);

# Compiled: jansson does not stand a lack of memory in the middle of a document.
my @compiled = map {
    $gate->write_file('document.json', JSON::PP->new->encode($_));
    local $ENV{FAILING_ALLOCATION};
    my $said = qx(@{[IPFence::Gate::command_path()]} compile @{[$gate->file('document.json')]} -o @{[$gate->file('compiled')]});
    my ($hash) = $said =~ /: policy ([0-9a-f]{12}),/ or die 'compile';
    {hash => $hash, image => IPFence::Gate::read_whole($gate->file('compiled'))};
} @policies;
$gate->start;
my ($worker) = $gate->workers;

sub is_alive { my ($now) = $gate->workers; return ($now // 0) == $worker }

sub in_force { return ($gate->error_log =~ /policy ([0-9a-f]{12}) is in force, in place of/g)[-1] // '' }

my $newest = 0;

# Changes the policy, and says whether the change is in force within so many seconds.
sub change {
    my ($seconds) = @_;
    $newest = ($newest + 1) % @compiled;
    $gate->write_policy($compiled[$newest]{image});
    return is_newest_in_force($seconds);
}

sub is_newest_in_force {
    my ($seconds) = @_;
    return wait_for(sub { in_force() eq $compiled[$newest]{hash} || !is_alive() }, $seconds) && is_alive();
}

my $many = 1_000_000;
$allocations->plan($many, 0);
ok(change(5), 'a change is in force');
my $taken = $many - $allocations->left;
$allocations->plan(-1, 0);
for my $persistent (0, 1) {
    my ($failed, $lost) = (0, 0);
    for my $number (grep { $persistent || $_ % 3 == 0 } 0 .. $taken) {
        $allocations->plan($number, $persistent);
        change(0.9);
        $failed += $allocations->left == 0 || $allocations->left == -1;
        $allocations->plan(-1, 0);
        is_alive() or last;
        $lost += !is_newest_in_force(5);
    }
    my $how = $persistent ? 'and all that follow' : 'once';
    ok(is_alive(), "P9: an allocation fails, $how: the worker lives");
    is($lost, 0, 'and the change is in force when there is memory');
    cmp_ok($failed, '>', 5, 'there were some') unless $ENV{IPFENCE_SANITIZE};    # whose allocator comes first
    is_alive() or last;
}
is($gate->token(\%password)->{status}, $newest == 0 ? 400 : 200, 'by the newest policy');

$gate->provider_saw;
$gate->finish;
done_testing;
