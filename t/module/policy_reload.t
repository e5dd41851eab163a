# A reload takes a policy over from the configuration before, where its files are as they were, and reads it where they are
# not: in time, a reload costs what it would cost without a policy.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($inside_only, $outside_only) = map { IPFence::Gate::default_policy($_) } '127.0.1.0/24', '127.0.2.0/24';
my $gate = gate(
    workers => 2,
    policy => {%$inside_only, profiles => {%{$inside_only->{profiles}}, unused => {login_ip_ranges => ['0.0.0.0/0']}}},
    expected_log => [qr/policy\.json|users\.ndjson/], upstream => 'ipfence_guard;',
);

sub statuses { return join ' ', map { $gate->token(\%password, from => $_)->{status} } inside, outside }

my $taken_over = qr/\[notice\][^\n]*ipfence_policy "[^"]*policy\.json": has not changed: policy [0-9a-f]{12} is taken over/;
my $in_force = qr/policy [0-9a-f]{12} is in force, in place of/;

# Reloads, and says whether the policy was taken over.
sub is_taken_over_by_reload {
    my $before = $gate->times_logged($taken_over);
    ok($gate->reload, 'reloaded');
    return $gate->times_logged($taken_over) > $before;
}

my $warning = qr/\[warn\][^\n]*profiles\.unused/;
my $warnings = $gate->times_logged($warning);
cmp_ok($warnings, '>', 0, 'the policy is warned of');
is(statuses(), '200 400', 'the policy of the start');
ok(is_taken_over_by_reload(), 'files that nobody touched: taken over');
is(statuses(), '200 400', 'and in force');
is($gate->times_logged($warning), $warnings + 1, 'with its warning');
ok(is_taken_over_by_reload(), 'and so it is by the reload after that');

$gate->write_policy($outside_only);
ok(wait_for(sub { $gate->times_logged($in_force) >= 2 }), 'both workers pick a change up');
ok(is_taken_over_by_reload(), 'what workers have read is taken over');
is(statuses(), '400 200', 'the new one');
ok(is_taken_over_by_reload(), 'and so it is by the reload after that');
is(statuses(), '400 200', 'still the new one');

$gate->write_policy($inside_only);
ok(!is_taken_over_by_reload(), 'a change that no worker has read yet is read');
is(statuses(), '200 400', 'and in force at once');

$gate->write_policy('{');
ok(wait_for(sub { $gate->times_logged(qr/is faulty, and changes nothing/) }), 'a faulty one is refused by the workers');
my @workers = $gate->workers;
$gate->signal('HUP');
ok(wait_for(sub { $gate->times_logged(qr/\[emerg\][^\n]*policy\.json/) }), 'and by a reload, which does not take over what is older');
is_deeply([sort $gate->workers], [sort @workers], 'which changes nothing');
is(statuses(), '200 400', 'nor what is decided');

my $listed = IPFence::Gate::policy_with_users_file('127.0.1.0/24');
$listed->{organization}{default_profile} = 'anywhere';
sub write_users { my ($profile) = @_; $gate->write_file('users.ndjson', qq({"user": "alice", "profile": "$profile"}\n{"users": 1}\n)) }
write_users('office');
$gate->write_policy($listed);
ok(!is_taken_over_by_reload(), 'a good one again, with a users file');
is(statuses(), '200 400', 'which lists alice');
ok(is_taken_over_by_reload(), 'and is taken over');
write_users('anywhere');
ok(!is_taken_over_by_reload(), 'not where the users file changed');
is(statuses(), '200 200', 'which is in force');

$gate->provider_saw;
$gate->finish;

# What was handed on stays as it was, however often workers that are still busy for the configuration before it read a
# change meanwhile, and also when the configuration that it was handed on to has ended: a request of it is decided by it.
$gate = gate(workers => 1, policy => $inside_only, expected_log => [qr/policy\.json/], upstream => 'ipfence_guard;');
my ($oldest) = $gate->workers;

# A change that the oldest worker is to see.
sub change {
    my ($policy) = @_;
    my $in_force_there = qr/\[notice\] $oldest#[^\n]*$in_force/;
    my $before = $gate->times_logged($in_force_there);
    $gate->write_policy($policy);
    return wait_for(sub { $gate->times_logged($in_force_there) > $before });
}
my $users = 0;
sub another_policy { return {%$inside_only, users => {%{$inside_only->{users}}, 'user' . ++$users => 'office'}} }

sub is_handed_on {
    my ($busy) = @_;
    my $before = $gate->times_logged($taken_over);
    $gate->signal('HUP');
    return wait_for(sub { $gate->times_logged($taken_over) > $before && $gate->workers == $busy + 1 });
}

ok(change($outside_only), 'a change is in force');
my ($handed_on) = $gate->error_log =~ /policy ([0-9a-f]{12}) is in force, in place of/;
my $slow = $gate->begin_form('/token', \%password, size => 1);
ok(is_handed_on(1), 'it is handed on');
my ($changes, $seconds) = (8, 15);
$gate->answers(["$seconds", tokens('alice')]);
my $held = $gate->begin_form('/token', {grant_type => 'authorization_code', code => 'c', client_id => 'web'});
ok(wait_for(sub { $gate->provider_saw }), 'a request waits for the provider');
ok(change(another_policy()), 'a change');
ok(wait_for(sub { $gate->times_logged($in_force) == 3 }), 'that both workers see');
ok(is_handed_on(2), 'is handed on in turn');
is(scalar(grep { change(another_policy()) } 1 .. $changes), $changes, 'the oldest worker reads as many changes as it has slots');
like(do { local $/; <$held> }, qr{\AHTTP/1\.1 400 }, 'and the request is denied by what was handed on first');
my $line = $gate->last_audit;
is("$line->{rule} of $line->{policy}", "profiles.office.login_ip_ranges of $handed_on", 'as its rule says');
close $slow;
$gate->finish;
done_testing;
