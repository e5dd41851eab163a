#!/usr/bin/env perl
# What scripts/bench runs: every case once a round.
#
#   measure.pl --rounds N --seconds N --module FILE --ipfence FILE --tools DIRECTORY --output DIRECTORY
#              [--only CASE]... [--largest N]

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Bench::Cases qw(all_cases request_bytes);
use Bench::Changes;
use Bench::Growth;
use Bench::Load qw(answered as_many_as_it_can begin_as_many check paced);
use Bench::Report qw(machine markdown_table median print_table quartiles write_tsv);
use Bench::World;
use File::Temp qw(tempdir);
use Getopt::Long;

my %given = (rounds => 7, seconds => 3, largest => 10_000_000, only => []);
GetOptions(\%given, 'rounds=i', 'seconds=i', 'module=s', 'ipfence=s', 'tools=s', 'output=s', 'only=s@', 'largest=i')
    or exit 2;

my $parent = $$;
my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
($Bench::World::directory, $Bench::World::module) = ($directory, $given{module});
($Bench::Load::directory, $Bench::Load::paced_load) = ($directory, "$given{tools}/paced_load");
# Ending what was started must not become the exit status.
END { local $?; Bench::World::stop() if defined $parent && $$ == $parent }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my ($jwt, $keys) = Bench::World::jwt_and_keys();
my @cases = all_cases($jwt);
my @series = (@Bench::Growth::names, $Bench::Changes::name);
my %is_series = map { $_ => 1 } @series;
my %is_case = map { $_->{name} => 1 } @cases;
my %only = map { $_ => 1 } @{$given{only}};
for my $name (grep { !$is_case{$_} && !$is_series{$_} } sort keys %only) {
    die "bench: no case is called $name; there are: ", join('; ', map({$_->{name}} @cases), @series), "\n";
}
if (%only) {
    my %wanted = map { $_->{baseline} => 1, $_->{name} => 1 } grep { $only{$_->{name}} } @cases;
    @cases = grep { $wanted{$_->{name}} } @cases;
}

my %case_of = map { $_->{name} => $_ } @cases;
sub baseline_of { $case_of{$_[0]{baseline}} }

sub prepare {
    my %began;
    for my $case (@cases) {
        for my $workers (1, 2) {
            my $nginx = Bench::World::nginx($case->{nginx}, workers => $workers, keys => $keys);
            Bench::World::begin_session($nginx) if $case->{nginx} eq 'ipfence' && !$began{$workers}++;
            check($case, $nginx->port_of($case->{server}));
            as_many_as_it_can($case, $nginx->port_of($case->{server}), 1);
        }
    }
}

# As many requests as a worker can answer: those a second, and the sidecar's CPU for each.
sub alone {
    my ($case) = @_;
    my $nginx = Bench::World::nginx($case->{nginx}, workers => 1);
    my $sidecar = Bench::World::sidecar_cpu();
    my ($requests, $a_second) = as_many_as_it_can($case, $nginx->port_of($case->{server}), $given{seconds});
    my %figures = (rps => $a_second);
    $figures{elsewhere} = 1e6 * (Bench::World::sidecar_cpu() - $sidecar) / $requests if $case->{sidecar};
    $nginx->empty_logs;
    return \%figures;
}

# A worker of the case and one of its baseline share a core, and each answers as many as it can: whatever else the
# machine does, it does to both of them. The CPU of each for a request. A baseline is compared with another of its kind,
# which shows what the method is worth.
sub beside_baseline {
    my ($case) = @_;
    my $baseline = baseline_of($case);
    my @of = (
        [$case, Bench::World::nginx($case->{nginx}, workers => 1)],
        [$baseline, Bench::World::nginx($baseline->{nginx}, workers => 1, id => 'beside', keys => $keys)],
    );
    Bench::World::touch_memory($given{seconds});
    my @before = map { $_->[1]->cpu } @of;
    my @loads = map { begin_as_many($_->[0], $_->[1]->port_of($_->[0]{server}), $given{seconds}) } @of;
    my @requests = map { (answered($_))[0] } @loads;
    my @cpu = map { 1e6 * ($of[$_][1]->cpu - $before[$_]) / $requests[$_] } 0, 1;
    $_->[1]->empty_logs for @of;
    return {cpu => $cpu[0], ratio => $cpu[0] / $cpu[1]};
}

# One run of one case: its figures by name.
sub run {
    my ($case) = @_;
    my $baseline = baseline_of($case);
    my $theirs = $case == $baseline ? undef : alone($baseline);  # right before its own: a minute later it is another
    my $figures = {%{alone($case)}, %{beside_baseline($case)}};
    $figures->{rps_ratio} = $figures->{rps} / ($theirs // $figures)->{rps};

    my $both = Bench::World::nginx($case->{nginx}, workers => 2);
    (undef, $figures->{rps2}) = as_many_as_it_can($case, $both->port_of($case->{server}), $given{seconds});
    $both->empty_logs;

    my $nginx = Bench::World::nginx($case->{nginx}, workers => 1);
    my $calm = paced(request_bytes($case), $nginx->port_of($case->{server}), rate => $figures->{rps} / 2, seconds => $given{seconds});
    warn "bench: $case->{name}: $calm->{unanswered} requests were never answered; its percentiles are too low\n"
        if $calm->{unanswered};
    @$figures{qw(p50 p99 p999)} = @$calm{qw(p50 p99 p999)};
    $figures->{memory} = $nginx->memory;
    return $figures;
}

# What goes wrong with a case ends that case, and not a night's run: it is said, and its row is of the rounds before.
my $failures = 0;

sub try_run {
    my ($case, $runs) = @_;
    my $figures = eval { run($case) };
    if (!$figures) {
        ++$failures;
        warn $@;
        return;
    }
    push @{$runs->{$case->{name}}}, $figures;
}

sub measure {
    my %runs;
    for my $round (1 .. $given{rounds}) {
        try_run($_, \%runs) for @cases;
        print STDERR "\rround $round of $given{rounds}" if -t STDERR;
    }
    print STDERR "\n" if -t STDERR;
    return \%runs;
}

my @columns = (
    [cpu => 'CPU us', '%.2f'], [ratio => 'x vanilla', '%.2f'], [elsewhere => 'CPU us elsewhere', '%.2f'],
    [rps => 'requests/s', '%.0f'], [rps_ratio => 'x vanilla', '%.2f'], [rps2 => '2 workers/s', '%.0f'],
    [p50 => 'p50 us', '%.0f'], [p99 => 'p99 us', '%.0f'], [p999 => 'p99.9 us', '%.0f'],
    [memory => 'worker KiB', '%.0f'],
);

sub row {
    my ($case, $runs) = @_;
    my @cells = ($case->{name});
    for my $column (@columns) {
        my ($name, undef, $format) = @$column;
        my @values = grep {defined} map { $_->{$name} } @$runs;
        push @cells, @values ? sprintf $format, median(@values) : undef;
        push @cells, @values ? sprintf '%.2f to %.2f', quartiles(@values) : undef if $name eq 'ratio';
    }
    return [@cells, $case->{looks_at}];
}

sub heads {
    return ['case', map({ $_->[0] eq 'ratio' ? ($_->[1], 'quartiles') : $_->[1] } @columns), 'decides by'];
}

# The columns that most readers want.
sub short_table {
    my ($runs) = @_;
    my @rows = map {
        my @ratios = map { $_->{ratio} } @{$runs->{$_->{name}}};
        [
            $_->{name}, $_->{looks_at},
            sprintf('%.2f (%.2f to %.2f)', median(@ratios), quartiles(@ratios)),
            sprintf('%.2f', median(map { $_->{rps_ratio} } @{$runs->{$_->{name}}})),
        ]
    } @_[1 .. $#_];
    return markdown_table(['case', 'decides by', 'CPU, times vanilla (quartiles)', 'requests/s, times vanilla'],
        @rows);
}

my $page = "# Benchmark\n\nMade by `scripts/bench $given{rounds} $given{seconds}` on " . machine()
    . ". `scripts/bench` says how it measures.\n\n";

if (@cases) {
    prepare();
    my $runs = measure();
    my @measured = grep { $runs->{$_->{name}} } @cases;
    my @rows = map { row($_, $runs->{$_->{name}}) } @measured;
    print_table(heads(), @rows);
    write_tsv("$given{output}/benchmark.tsv", heads(), @rows);
    $page .= short_table($runs, @measured) . "\n![CPU per request of each case, and as ranges and tokens grow](benchmark.svg)\n\n"
        . "## All figures\n\n" . markdown_table(heads(), @rows) . "\n";
}
my @grown = eval { Bench::Growth::measure(%given, only => \%only) };
if ($@) {
    ++$failures;
    warn $@;
}
if (@grown) {
    print_table(\@Bench::Growth::heads, @grown);
    write_tsv("$given{output}/benchmark-growth.tsv", \@Bench::Growth::heads, @grown);
    $page .= "## Growth\n\n" . markdown_table(\@Bench::Growth::heads, @grown) . "\n";
}
my @changed = !%only || $only{$Bench::Changes::name} ? eval { Bench::Changes::measure(%given) } : ();
if ($@) {
    ++$failures;
    warn $@;
}
if (@changed) {
    print_table(\@Bench::Changes::heads, @changed);
    $page .= "## Changes\n\n" . markdown_table(\@Bench::Changes::heads, @changed);
}
Bench::Nginx::write_file("$given{output}/benchmark.md", $page);
exit($failures ? 1 : 0);
