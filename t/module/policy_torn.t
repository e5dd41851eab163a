# Files that change while they are read: what is in force in the end is what the files say, and not what was read of them
# before the change.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

# So many others that there is time to replace the file before it is read; under the sanitizers that takes fewer.
my $count = $ENV{IPFENCE_SANITIZE} ? 6_000 : 200_000;
my $others = join '', map { qq({"user": "user-$_", "profile": "anywhere"}\n) } 1 .. $count;
sub users_with { my ($profile) = @_; return qq({"user": "alice", "profile": "$profile"}\n$others) . sprintf qq({"users": %d}\n), $count + 1 }

my $policy = IPFence::Gate::policy_with_users_file('127.0.1.0/24');
my $gate = gate(policy => $policy, files => {'users.ndjson' => users_with('office')}, upstream => 'ipfence_guard;');
my ($worker) = $gate->workers;

sub status { return $gate->token(\%password, from => outside)->{status} }

sub times_in_force { return $gate->times_logged(qr/is in force, in place of/) }

# Whether the process has the users file open.
sub is_reading {
    my ($process) = @_;
    return scalar grep { (readlink // '') =~ m{/users\.ndjson(?: \(deleted\))?\z} } glob "/proc/$process/fd/*";
}

# The users of a file that is renamed over while the process reads the one before it.
sub replace_while_reads {
    my ($process, $first, $second, $begin) = @_;
    open my $next, '>', $gate->file('next') or die "next: $!";
    print $next users_with($second);
    close $next or die "next: $!";
    $gate->write_file('users.ndjson', users_with($first));
    $begin->() if $begin;
    ok(wait_for(sub { is_reading($process) }, 20), 'the users file is being read');
    rename $gate->file('next'), $gate->file('users.ndjson') or die "users.ndjson: $!";
    ok(is_reading($process), 'and is replaced meanwhile');
}

is(status(), '400', 'alice is denied outside');
replace_while_reads($worker, 'anywhere', 'office');
ok(!wait_for(sub { status() ne '400' }, 10), 'what a worker read of users that have gone comes never into force');
ok($gate->reload, 'reloaded');
is(status(), '400', 'nor does a reload take it over');

my $before = times_in_force();
replace_while_reads($gate->{pid}, 'anywhere', 'office', sub { $gate->signal('HUP') });
# In time that other tests leave over, and with the sanitizers, reading takes long.
ok(wait_for(sub { times_in_force() > $before }, 90), 'what the master read of them is read again by a worker');
is(status(), '400', 'and what the files say is in force');

$gate->provider_saw;
$gate->finish;
done_testing;
