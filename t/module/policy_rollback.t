# A binary upgrade that is taken back (USR2, WINCH, then HUP to the old master): its new workers have the numbers of those that
# still end, and each decides by its own policy, wholly, however often the files change meanwhile.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my ($inside_only, $outside_only) = map { IPFence::Gate::default_policy($_) } '127.0.1.0/24', '127.0.2.0/24';
# Its profile's name lies behind the end of the other ones.
my $large = {
    %$outside_only,
    profiles => {%{$outside_only->{profiles}}, zz => {login_ip_ranges => ['127.0.2.0/24']}, map { ("p-$_" => {login_ip_ranges => ['127.0.2.0/24']}) } 1 .. 5000},
    users => {%{$outside_only->{users}}, alice => 'zz'},
};
my $gate = gate(workers => 1, daemon => 1, policy => $inside_only, expected_log => [qr/policy\.json/]);
my ($oldest) = $gate->workers;
my $in_force = qr/policy ([0-9a-f]{12}) is in force, in place of/;

# A change that this worker is to see: the policy's hash.
sub change {
    my ($worker, $policy) = @_;
    my $of_worker = qr/\[notice\] $worker#[^\n]*$in_force/;
    my $before = $gate->times_logged($of_worker);
    $gate->write_policy($policy);
    my @seen;
    return wait_for(sub { @seen = $gate->error_log =~ /$of_worker/g; @seen > $before }) && $seen[-1];
}
my $users = 0;
sub another_policy { return {%$inside_only, users => {%{$inside_only->{users}}, 'user' . ++$users => 'office'}} }

sub begin_request {
    my $socket = $gate->begin_form('/token', {grant_type => 'authorization_code', code => 'c', client_id => 'web'});
    ok(wait_for(sub { $gate->provider_saw }), 'a request waits for the provider');
    return $socket;
}

my $first = change($oldest, $large);
ok($first, 'a policy that denies inside');
my $seconds = 25;
$gate->answers(["$seconds", tokens('alice')]);
my $held = begin_request();
ok($gate->take_back_upgrade, 'an upgrade is taken back');
is(scalar(grep { change($oldest, another_policy()) } 1 .. 8), 8, 'the worker that ends reads as many changes as there are slots');
like(do { local $/; <$held> } // '', qr{\AHTTP/1\.1 400 }, 'and its request is denied by the policy that it began with');
my $line = $gate->last_audit;
is("$line->{rule} of $line->{policy}", "profiles.zz.login_ip_ranges of $first", 'as its rule says');

$gate->finish;
done_testing;
