package Bench::Changes;

# What requests notice of a policy that changes and of a reload, with a small and with a large policy: latency when they
# come on a schedule, and how long it takes.

use strict;
use warnings;

use Bench::Cases qw(request_bytes);
use Bench::Growth;
use Bench::Load qw(paced);
use Bench::Nginx;
use Bench::Report qw(median);
use Bench::World;
use File::Copy qw(copy);
use POSIX ();
use Time::HiRes qw(sleep time);

our $name = 'changes of the policy';
our @heads = ('policy of', 'meanwhile', 'done after s', 'p50 us', 'p99 us', 'p99.9 us');

my @sizes = (1_000, 10_000_000);
my $rate = 5_000;
my $seconds = 4;

# Takes the place of the policy at `file`, as an atomic rename, with no work for the machine.
sub put {
    my ($other, $file) = @_;
    link $other, "$file.new" or die "bench: link: $!\n";
    rename "$file.new", $file or die "bench: rename: $!\n";
}

# An nginx that decides by the first of two compiled policies of about this size.
sub start {
    my ($size, $given) = @_;
    my $file = "$given->{tools}/policy-that-changes-$size";
    my @policies;
    # Of its own: a link to a file that another nginx decides by is a change of that file.
    for my $ranges ($size, $size / 10 * 9) {
        push @policies, "$file-of-$ranges";
        copy(Bench::Growth::compiled_policy($ranges, $given), $policies[-1]) or die "bench: copy: $!\n";
    }
    put($policies[0], $file);
    my $nginx = Bench::Growth::gate_of_policy("changes-$size", $file);
    return {nginx => $nginx, file => $file, policies => \@policies, changes => 0};
}

sub times_in_force {
    my ($gate) = @_;
    my $count = () = Bench::Nginx::contents("$gate->{nginx}{directory}/notice.log") =~ /is in force, in place of/g;
    return $count;
}

# What is done to a gate, and whether that is over.
my %meanwhile = (
    nothing => sub { return sub {1} },
    'a change' => sub {
        my ($gate) = @_;
        my $before = times_in_force($gate);
        put($gate->{policies}[$gate->{changes} % 2], $gate->{file});
        return sub { times_in_force($gate) > $before };
    },
    'a reload' => sub {
        my ($gate) = @_;
        my $master = $gate->{nginx}{master};
        my %old = map { $_ => 1 } Bench::Nginx::children_of($master);
        kill 'HUP', $master;
        return sub { grep { !$old{$_} } Bench::Nginx::children_of($master) };
    },
);

# Begins it after a second of the load; what is read from the handle is how many seconds it took.
sub begin {
    my ($gate, $what) = @_;
    my $pid = open(my $result, '-|') // die "bench: fork: $!\n";
    return $result if $pid;
    sleep 1;
    my $begin = time;
    my $is_over = $meanwhile{$what}->($gate);
    sleep 0.002 until $is_over->() || time - $begin > 60;
    printf "%.3f\n", time - $begin;
    close STDOUT;
    POSIX::_exit(0);
}

sub run {
    my ($gate, $what) = @_;
    ++$gate->{changes} if $what eq 'a change';
    my $result = begin($gate, $what);
    my $load = paced(request_bytes($Bench::Growth::request{ranges}), $gate->{nginx}{port}, rate => $rate, seconds => $seconds,
        @Bench::Growth::addresses);
    chomp(my $took = <$result>);
    close $result;
    return {took => $took, map { $_ => $load->{$_} } qw(p50 p99 p999)};
}

# measure(rounds => …, largest => …, tools => …, ipfence => …): the rows of a table.
sub measure {
    my (%given) = @_;
    my @rows;
    for my $size (grep { $_ <= $given{largest} } @sizes) {
        my $gate = start($size, \%given);
        my %runs;
        for (1 .. $given{rounds}) {
            push @{$runs{$_}}, run($gate, $_) for 'nothing', 'a change', 'a reload';
        }
        $gate->{nginx}->stop;
        unlink $gate->{file}, @{$gate->{policies}};
        for my $what ('nothing', 'a change', 'a reload') {
            my %median = map { my $figure = $_; $figure => median(map { $_->{$figure} } @{$runs{$what}}) } qw(took p50 p99 p999);
            push @rows, ["$size ranges", $what, $what eq 'nothing' ? undef : $median{took}, @median{qw(p50 p99 p999)}];
        }
    }
    return @rows;
}

1;
