# One mistake of a template may be in a million places of a policy. What there is to say of one that changes while nginx
# runs is bounded: the event loop writes it.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

my $gate = gate(policy => IPFence::Gate::default_policy('127.0.1.0/24'), expected_log => [qr/policy\.json/], upstream => 'ipfence_guard;');

# A policy with so many profiles more, each with these ranges.
sub policy_of {
    my ($profiles, @ranges) = @_;
    my $policy = IPFence::Gate::default_policy('127.0.1.0/24');
    $policy->{profiles}{"more-$_"} = {login_ip_ranges => \@ranges} for 1 .. $profiles;
    return $policy;
}

sub count { my ($what) = @_; my $count = () = $gate->error_log =~ /$what/g; return $count }

$gate->write_policy(policy_of(150, '192.0.2.0/33'));
ok(wait_for(sub { count(qr/is faulty, and changes nothing/) == 1 }), 'a policy with 150 errors changes nothing');
is(count(qr/\[error\].*profiles\.more-\d+\.login_ip_ranges/), 100, 'a hundred of them are in the log');
is(count(qr/\[error\].*and 50 more errors, all of which `ipfence check` says/), 1, 'and how many more there are');

$gate->write_policy(policy_of(130, '192.0.2.0/24', '192.0.2.4'));
ok(wait_for(sub { count(qr/is in force, in place of/) == 1 }), 'one with 130 warnings comes into force');
is(count(qr/\[warn\].*profiles\.more-\d+\.login_ip_ranges/), 100, 'of which a hundred are in the log');
is(count(qr/\[warn\].*and 30 more warnings, all of which `ipfence check` says/), 1, 'and how many more there are');

$gate->write_policy(policy_of(100, '192.0.2.0/24', '192.0.2.4'));
ok(wait_for(sub { count(qr/is in force, in place of/) == 2 }), 'one with a hundred');
is(count(qr/\[warn\].*profiles\.more-\d+\.login_ip_ranges/), 200, 'has all of them in the log');
is(count(qr/more warnings/), 1, 'and no more');

$gate->finish;
done_testing;
