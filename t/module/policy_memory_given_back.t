# One descriptor a policy, and what policies that nobody uses any more took of the memory that workers share is given back: what is left is what the
# policy in force takes, however often it changed.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;

my $users = 100_000;
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $gate = gate(workers => 2);

# Bytes of the policies in memory that is shared.
sub shared_files { return grep { (readlink // '') =~ /memfd:ipfence policy/ } glob "/proc/$gate->{pid}/fd/*" }
sub shared_bytes {
    my $sum = 0;
    $sum += 512 * (stat)[12] for shared_files();
    return $sum;
}

# A large policy for these addresses, in force in both workers.
sub change {
    my ($range) = @_;
    my $policy = IPFence::Gate::default_policy($range);
    $policy->{users}{"user-of-some-length-$_\@example.com"} = 'office' for 1 .. $users;
    my $in_force = qr/is in force, in place of/;
    my $before = $gate->times_logged($in_force);
    $gate->write_policy($policy);
    return wait_for(sub { $before + 2 == $gate->times_logged($in_force) });
}

ok(change('127.0.2.0/24'), 'a large policy is in force');
my $one = shared_bytes();
cmp_ok($one, '>', 4 << 20, 'which takes megabytes');
is(scalar(shared_files()), 1, 'and one descriptor, of which a process may have few');
for my $n (1 .. 4) {
    ok(change($n % 2 ? '127.0.1.0/24' : '127.0.2.0/24'), "change $n");
}
ok(wait_for(sub { shared_bytes() < 1.5 * $one }, 3), 'the memory of those before the last is given back') or diag shared_bytes();
is($gate->token(\%password)->{status}, 400, 'and the last one holds');
ok(change('127.0.1.0/24'), 'another one');
is($gate->token(\%password)->{status}, 200, 'holds, too');

$gate->provider_saw;
$gate->finish;
done_testing;
