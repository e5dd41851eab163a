# A large policy is read in the time that nobody else wants, and yet it is in force before long where somebody always
# wants it.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($idle, $other) = (5, 0);  # sched(7)

# Who may not take back what he gave way, as in most containers, does not.
my $may_hurry = system('nice -n -1 true 2>/dev/null') == 0 ? 1 : 0;

# Some megabytes, which take a good part of a second to read.
sub large_policy {
    my ($range) = @_;
    my $policy = IPFence::Gate::default_policy($range);
    $policy->{users}{"user-$_\@example.com"} = 'anywhere' for 1 .. 100_000;
    return $policy;
}

my @policies = map { JSON::PP->new->encode(large_policy($_)) } '127.0.2.0/24', '127.0.1.0/24';
my $gate = gate(policy => IPFence::Gate::default_policy('127.0.1.0/24'), upstream => 'ipfence_guard;');
my ($worker) = $gate->workers;

# How the threads of the worker are scheduled that are not its event loop.
sub scheduling {
    my @policies;
    for my $task (glob "/proc/$worker/task/*") {
        next if $task =~ m{/$worker\z};
        my $stat = eval { IPFence::Gate::read_whole("$task/stat") } // next;
        my @fields = split ' ', $stat =~ s/^.*\) //sr;
        push @policies, $fields[38] if @fields > 38;  # else it has just ended
    }
    return @policies;
}

sub times_in_force { return $gate->times_logged(qr/is in force, in place of/) }

# How its thread is scheduled while a policy is read, in the order of time, and the seconds until it is in force.
sub change_to {
    my ($text, $status) = @_;
    return change(sub { $gate->write_policy($text) }, $status);
}

sub change {
    my ($make, $status) = @_;
    my $before = times_in_force();
    my ($begin, @seen) = time;
    $make->();
    while (time - $begin < 60) {
        for my $policy (scheduling()) {
            push @seen, $policy if !@seen || $seen[-1] != $policy;
        }
        last if times_in_force() > $before;
        sleep 0.002;
    }
    my $seconds = time - $begin;
    is($gate->token(\%password)->{status}, $status, 'it is in force');
    return ($seconds, @seen);
}

my ($seconds, @seen) = change_to($policies[0], '400');
is(scalar(grep({ $_ == $idle } @seen)), $may_hurry, 'a large policy is read when there is time');

my ($processor) = IPFence::Gate::read_whole('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\d+)/m;
system("taskset -pc $processor $worker >/dev/null") == 0 or die "taskset: $?";
my $busy = fork // die "fork: $!";
if ($busy == 0) {
    exec 'taskset', '-c', $processor, 'perl', '-e', '1 while 1' or die "perl: $!";
}
($seconds, @seen) = change_to($policies[1], '200');
kill 'KILL', $busy;
waitpid $busy, 0;
is($seen[-1], $other, 'where there is none, it hurries');
cmp_ok($seconds, '<', 30, sprintf 'and is in force within %.1f s', $seconds);
is_deeply([scheduling()], [], 'no thread is left');

# Its users may be what is large. Where mapping memory is slow the sanitizers take a millisecond for each line: few long
# ones, then.
my ($lines, $long) = $ENV{IPFENCE_SANITIZE} ? (10_000, 'x' x 190) : (100_000, '');
sub write_users {
    my ($profile) = @_;
    my $text = join '', qq({"user": "alice", "profile": "$profile"}\n), map { qq({"user": "user-$_$long", "profile": "anywhere"}\n) } 1 .. $lines;
    $gate->write_file('users.ndjson', $text . sprintf qq({"users": %d}\n), $lines + 1);
}
write_users('office');
change_to(IPFence::Gate::policy_with_users_file('127.0.2.0/24'), '400');
($seconds, @seen) = change(sub { write_users('anywhere') }, '200');
is(scalar(grep({ $_ == $idle } @seen)), $may_hurry, 'so is a large file of users, whose policy is small');

$gate->provider_saw;
$gate->finish;
done_testing;
