# A policy that only root may read: nginx starts with it, and a reload takes a change of it, but no worker can pick one up. That
# is said at the start, and not when somebody waits for a change.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

plan skip_all => 'needs root, as whom only the master runs then' if $> != 0;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($inside_only, $outside_only) = map { IPFence::Gate::policy_with_users_file($_) } '127.0.1.0/24', '127.0.2.0/24';
my $users = qq({"user": "alice", "profile": "office"}\n{"users": 1}\n);
my $unreadable = qr/\[warn\][^\n]*ipfence_policy "[^"]*policy\.json": "[^"]*\/(\S+)" cannot be read by the workers' user \(Permission denied\): a change of it comes into force by a reload only/;

# What nginx warns of that starts with these files for root alone.
sub warned_of {
    my ($gate, @files) = @_;
    $gate->write_policy($inside_only);
    chmod 0600, $gate->file($_) for @files;
    my $before = length $gate->error_log;
    ok($gate->reload, 'reloaded');
    my @warned = substr($gate->error_log, $before) =~ /$unreadable/g;
    return join ' ', @warned;
}

my $gate = gate(stopped => 1, workers => 2, policy => $inside_only, files => {'users.ndjson' => $users}, expected_log => [qr/policy\.json|users\.ndjson/]);
$gate->write_file('nginx.conf', $gate->{configuration} =~ s/user root;/user nobody nogroup;/r);
chmod 0644, $gate->file('policy.json');
$gate->start;
is($gate->times_logged($unreadable), 0, 'of files that the workers can read there is nothing to say');
is(warned_of($gate, 'policy.json'), 'policy.json', 'a policy for root alone: one worker says so');
is(warned_of($gate, 'users.ndjson'), 'users.ndjson', 'its users file likewise');
is($gate->token(\%password, from => inside)->{status}, 200, 'both are in force');

$gate->write_policy($outside_only);
chmod 0644, $gate->file('users.ndjson');
is(warned_of($gate), '', 'where they can read both again it is not said');
$gate->write_policy($outside_only);
ok(wait_for(sub { $gate->token(\%password, from => outside)->{status} == 200 }), 'and a change is picked up');
$gate->finish;
done_testing;
