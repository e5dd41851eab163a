# A reload takes a policy over from the configuration before, where its files are as they were, and reads it where they are
# not: in time, a reload costs what it would cost without a policy.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($inside_only, $outside_only) = map { IPFence::Gate::default_policy($_) } '127.0.1.0/24', '127.0.2.0/24';
my $gate = gate(
    workers => 2,
    policy => {%$inside_only, profiles => {%{$inside_only->{profiles}}, unused => {login_ip_ranges => ['0.0.0.0/0']}}},
    expected_log => [qr/policy\.json|users\.ndjson/], upstream => 'ipfence_guard;',
);

sub statuses { return join ' ', map { $gate->token(\%password, from => $_)->{status} } inside, outside }

sub count { my ($pattern) = @_; my $count = () = $gate->error_log =~ /$pattern/g; return $count }

my $taken_over = qr/\[notice\][^\n]*ipfence_policy "[^"]*policy\.json": has not changed: policy [0-9a-f]{12} is taken over/;
my $in_force = qr/policy [0-9a-f]{12} is in force, in place of/;

# Reloads, and says whether the policy was taken over.
sub is_taken_over_by_reload {
    my $before = count($taken_over);
    ok($gate->reload, 'reloaded');
    return count($taken_over) > $before;
}

my $warning = qr/\[warn\][^\n]*profiles\.unused/;
my $warnings = count($warning);
cmp_ok($warnings, '>', 0, 'the policy is warned of');
is(statuses(), '200 400', 'the policy of the start');
ok(is_taken_over_by_reload(), 'files that nobody touched: taken over');
is(statuses(), '200 400', 'and in force');
is(count($warning), $warnings + 1, 'with its warning');
ok(is_taken_over_by_reload(), 'and so it is by the reload after that');

$gate->write_policy($outside_only);
ok(wait_for(sub { count($in_force) >= 2 }), 'both workers pick a change up');
ok(is_taken_over_by_reload(), 'what workers have read is taken over');
is(statuses(), '400 200', 'the new one');
ok(is_taken_over_by_reload(), 'and so it is by the reload after that');
is(statuses(), '400 200', 'still the new one');

$gate->write_policy($inside_only);
ok(!is_taken_over_by_reload(), 'a change that no worker has read yet is read');
is(statuses(), '200 400', 'and in force at once');

$gate->write_policy('{');
ok(wait_for(sub { count(qr/is faulty, and changes nothing/) }), 'a faulty one is refused by the workers');
my @workers = $gate->workers;
$gate->signal('HUP');
ok(wait_for(sub { count(qr/\[emerg\][^\n]*policy\.json/) }), 'and by a reload, which does not take over what is older');
is_deeply([sort $gate->workers], [sort @workers], 'which changes nothing');
is(statuses(), '200 400', 'nor what is decided');

my $listed = IPFence::Gate::default_policy('127.0.1.0/24');
delete $listed->{users};
delete $_->{run_as} for values %{$listed->{apps}};
$listed->{organization}{default_profile} = 'anywhere';
$listed->{users_file} = 'users.ndjson';
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
done_testing;
