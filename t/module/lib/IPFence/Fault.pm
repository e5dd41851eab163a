package IPFence::Fault;

# Faults: each is injected while clients measure, and each leaves its promise whole. The files of t/faults declare
# them; scripts/faults runs them at length and prints a line for each, t/module/faults_*.t run them briefly.
#
#   fault worker_killed => (
#       id => 'P1',                                    in the catalogue of threats
#       gate => {workers => 3},                        what IPFence::Gate takes, `mirrored` (the policy that is also
#                                                      used) and `providers` (further ones); a sub is called for it
#       nodes => 3,                                    how many gates of that kind there are before the one provider
#       load => {kinds => […]},                        what IPFence::Load takes
#       inject => sub { my ($gate, $end, $seconds) = @_ },     does its worst until the time is over; how often
#       mend => sub { my ($gate) = @_ },               ends what inject began
#       tells => sub { my ($gate) = @_ },              what is printed after what the log said
#       says => qr/…/,                                 what the error log must say; what is captured is printed
#       fails => 0,                                    how many requests may fail at most each time; any number
#                                                      without it
#       strict => ['api'],                             kinds of requests that may be denied where they are allowed
#       audit => sub { my ($gate) = @_ },              all lines of the audit log, where that is not one file
#       unaudited => 1,                                the audit log itself is what is broken
#       check => sub { my ($gate) = @_ },              more promises: what is broken
#   );

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(sleep time);

use IPFence::Gate;
use IPFence::Issuer;
use IPFence::Load qw(server_block);
use IPFence::Oracle qw(judge);
use IPFence::World qw(world);

use Exporter qw(import);
our @EXPORT = qw(fault every in_turn wait_for workers limit);
our @EXPORT_OK = qw(is_call measure test_faults);

my $directory = abs_path(dirname(__FILE__) . '/../../../faults');
my @declared;

sub fault { my ($name, %fault) = @_; push @declared, {name => $name, %fault} }

sub files { return sort map { m{([^/]+)\.pl\z} } glob "$directory/*.pl" }

sub faults_of {
    my ($file) = @_;
    @declared = ();
    defined do "$directory/$file.pl" or die "$file: " . ($@ || $!);
    return @declared;
}

# What faults are made of.

# Does something at once and then every so many seconds, until the time is over, and twice at least: how often.
sub every {
    my ($interval, $end, $what) = @_;
    my $times = 0;
    while (time < $end || $times < 2) {
        $what->();
        ++$times;
        my $left = $times < 2 ? $interval : $end - time;
        sleep($left < $interval ? $left : $interval) if $left > 0;
    }
    return $times;
}

# The same for several things in turn.
sub in_turn {
    my ($interval, $end, @whats) = @_;
    return every($interval, $end, sub { push @whats, shift @whats; $whats[-1]->() });
}

sub workers { my ($gate) = @_; return $gate->workers }

# Limits a running process: limit($pid, 'nofile=20:1024'), limit($pid, 'fsize=unlimited'). By the system call: a program for it
# comes late on a machine that has much else to do.
sub limit {
    my ($pid, $limit) = @_;
    require 'sys/syscall.ph';
    my ($what, @values) = split /[=:]/, $limit;
    my %resources = (fsize => 1, nofile => 7, as => 9);
    my ($soft, $hard) = map { $_ eq 'unlimited' ? ~0 : 0 + $_ } @values, $values[-1];
    return syscall(SYS_prlimit64(), 0 + $pid, $resources{$what} // die("no limit is called $what\n"), pack('Q2', $soft, $hard), 0) == 0;
}

# Runs one, with a zone that is large enough for minutes; what was counted, with `broken` (the promises that were) and `said` (by the error log).
sub run_fault {
    my ($fault, $seconds) = @_;
    my %given = ref $fault->{gate} eq 'CODE' ? $fault->{gate}->() : %{$fault->{gate} // {}};
    my @gate = (policy => world(), server => server_block(), provider_class => 'IPFence::Issuer', workers => 2, %given,
        upstream => 'ipfence_guard; keepalive 8;',
        http => "ipfence_zone zone=tokens:${\ ($given{zone} // '128m') }; proxy_set_header Connection ''; " . ($given{http} // ''));
    my $gate = gate(@gate);
    my @others = map { gate(@gate, provider => $gate->{provider}) } 2 .. ($fault->{nodes} // 1);
    $gate->{nodes} = [$gate, @others];
    my $mirrored = $given{mirrored} ? policy_hash($gate, $given{mirrored}) : undef;
    my $load = IPFence::Load->start($gate, seconds => $seconds, ports => [map { $_->{port} } @{$gate->{nodes}}], %{$fault->{load} // {}});
    my $injected = $fault->{inject}->($gate, time + $seconds, $seconds);
    $fault->{mend}->($gate) if $fault->{mend};
    my @results = $load->results;
    my @audit = $fault->{audit} ? $fault->{audit}->($gate) : map { split /\n/, IPFence::Gate::read_whole($_->file('audit.ndjson')) } @{$gate->{nodes}};
    my %report = (injected => $injected, judge(results => \@results, saw => $gate->{provider}->saw, audit => \@audit, mirrored => $mirrored,
        strict => {map { $_ => 1 } @{$fault->{strict} // []}}));
    my ($said) = $fault->{says} ? $gate->error_log =~ $fault->{says} : ();
    $report{said} = $said // 'nothing';
    $report{broken} = [broken($fault, $gate, \%report)];
    $report{said} .= '; ' . $fault->{tells}->($gate) if $fault->{tells};
    $_->stop for @others, $gate, @{$given{providers} // []};
    push @{$report{broken}}, map { "the error log: $_" } map { bad_lines($_) } $gate, @others;
    delete $gate->{nodes};
    return \%report;
}

# The hash by which the audit log will name a policy: what the gate says of it, once it is in force. Afterwards the
# first one is in force again.
sub policy_hash {
    my ($gate, $policy) = @_;
    my $ask = sub { $gate->token({grant_type => 'password', username => 'alice', password => 'pw'}); return $gate->last_audit->{policy} };
    my $first = $ask->();
    my $hash = $first;
    $gate->write_policy($policy);
    $gate->signal('HUP');
    wait_for(sub { ($hash = $ask->()) ne $first }) or die 'the mirrored policy was not taken up';
    $gate->write_policy(world());
    $gate->signal('HUP');
    wait_for(sub { $ask->() eq $first }) or die 'the policy was not taken up again';
    return $hash;
}

sub broken {
    my ($fault, $gate, $report) = @_;
    my @broken;
    for my $promise (qw(wrongly_allowed wrongly_denied foreign twice), $fault->{unaudited} ? () : qw(unaudited torn), 'contradicted') {
        push @broken, "$report->{$promise} $promise, such as $report->{examples}{$promise}" if $report->{$promise};
    }
    push @broken, "$report->{failed} failed, such as $report->{examples}{failed}" if defined $fault->{fails} && $report->{failed} > $fault->{fails} * $report->{injected};
    push @broken, 'nobody was answered' unless $report->{answered};
    push @broken, "the error log does not say $fault->{says}" if $fault->{says} && $report->{said} eq 'nothing';
    push @broken, map { recovery($_) } @{$gate->{nodes}};
    push @broken, $fault->{check}->($gate) if $fault->{check};
    return @broken;
}

# The master is the one that was started, and all is as it was before.
sub recovery {
    my ($gate) = @_;
    return 'the master has died' unless IPFence::Gate::is_running($gate->{pid});
    my $status = sub { my $response = $gate->token({grant_type => 'password', username => 'alice', password => 'pw'}, from => $_[0]); $response ? $response->{status} : 'none' };
    my ($inside, $outside);
    return () if wait_for(sub { ($inside = $status->(inside)) eq '200' && ($outside = $status->(outside)) eq '400' });
    return 'it does not recover: inside ' . $inside . ', outside ' . ($outside // 'not asked');
}

sub bad_lines {
    my ($gate) = @_;
    my @bad = $gate->bad_log_lines;
    return @bad > 3 ? (@bad[0 .. 2], @bad - 3 . ' more such lines') : @bad;
}

# Every fault of a file, briefly.
sub test_faults {
    my ($file) = @_;
    my $brief = 1.5;
    for my $fault (faults_of($file)) {
        my $report = run_fault($fault, $brief);
        is(join("\n", @{$report->{broken}}), '', "$fault->{id}: $fault->{name}, $report->{injected} times, $report->{requests} requests, "
            . "$report->{failed} failed, the log said: $report->{said}");
    }
    done_testing;
}

my @columns = (['requests'], ['wrongly_allowed', 'wrongly allowed'], ['wrongly_denied', 'wrongly denied'], ['failed'],
    ['foreign', "another's answer"], ['twice', 'answered twice']);

# What a call of scripts/faults asks for: the seconds, and the faults of these names, or all. Nothing but how to call it, where it
# is no such call.
sub asked_for {
    my (@arguments) = @_;
    my ($seconds, %wanted) = (10);
    while (defined(my $argument = shift @arguments)) {
        $argument eq '--seconds' ? $seconds = shift @arguments : ++$wanted{$argument};
    }
    my @faults = map { my $file = $_; map { {%$_, file => $file} } faults_of($file) } files();
    my %names = map { $_->{name} => 1, $_->{file} => 1 } @faults;
    if (($seconds // '') !~ /\A[1-9]\d*\z/ || grep { !$names{$_} } keys %wanted) {
        print STDERR "usage: scripts/faults [NAME...] [--seconds N]; the names are: @{[sort keys %names]}\n";
        return;
    }
    return ($seconds, grep { !%wanted || $wanted{$_->{name}} || $wanted{$_->{file}} } @faults);
}

# Whether measure takes these words; nothing is built or run.
sub is_call { my (@arguments) = @_; return scalar(my @asked = asked_for(@arguments)) > 0 }

# Runs what is asked for at length, with a line for each fault: the exit code.
sub measure {
    my (@arguments) = @_;
    my ($seconds, @faults) = asked_for(@arguments) or return 2;
    local $| = 1;
    print join('  ', sprintf('%-24s', 'fault'), map { $_->[1] // $_->[0] } @columns), "  the log said\n";
    my $broken = 0;
    for my $fault (@faults) {
        my $report = run_fault($fault, $seconds);
        print join('  ', sprintf('%-24s', $fault->{name}), map { sprintf '%*d', length($_->[1] // $_->[0]), $report->{$_->[0]} } @columns), "  $report->{said}\n";
        print "    broken: $_\n" for @{$report->{broken}};
        $broken += @{$report->{broken}};
    }
    return $broken ? 1 : 0;
}

1;
