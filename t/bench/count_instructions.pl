#!/usr/bin/env perl
# What scripts/instructions runs: nginx under callgrind, twice for each case.
#
#   count_instructions.pl --module FILE --tools DIRECTORY [--only CASE]... [--profiles DIRECTORY]

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Bench::Cases qw(all_cases request_bytes);
use Bench::Load qw(check paced);
use Bench::Report qw(print_table);
use Bench::World;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Getopt::Long;

my ($few, $many) = (200, 1_200);

my %given = (only => []);
GetOptions(\%given, 'module=s', 'tools=s', 'only=s@', 'profiles=s') or exit 2;
make_path($given{profiles}) if defined $given{profiles};

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
my %only = map { $_ => 1 } @{$given{only}};
if (%only) {
    my %wanted = map { $_->{baseline} => 1, $_->{name} => 1 } grep { $only{$_->{name}} } @cases;
    @cases = grep { $wanted{$_->{name}} } @cases;
    die "instructions: no case is called ", join(' or ', sort keys %only), "\n" if !@cases;
}

# Instructions of one life of nginx that answers so many requests of a case, from a single connection.
sub instructions_of {
    my ($case, $requests) = @_;
    my $words = "$case->{name} $requests" =~ s/\W+/-/gr;
    my $counts = ($given{profiles} // $directory) . "/callgrind-$words";
    my $nginx = Bench::World::nginx(
        $case->{nginx}, id => $words, keys => $keys,
        under => ['valgrind', '--tool=callgrind', "--callgrind-out-file=$counts", '--quiet'],
    );
    Bench::World::begin_session($nginx) if $case->{nginx} eq 'ipfence';
    check($case, $nginx->port_of($case->{server}));
    my $answered = paced(request_bytes($case), $nginx->port_of($case->{server}), requests => $requests, connections => 1);
    my $refused = ($case->{status} // 200) == 200 ? 0 : $requests;
    die "instructions: $case->{name}: $answered->{failed} of $requests requests failed\n"
        if $answered->{failed} != $refused;
    $nginx->finish;
    return count_in($counts);
}

# What callgrind counted over a whole life. Its last line says so; a file without it was not written to its end.
sub count_in {
    my ($file) = @_;
    my $text = Bench::Nginx::contents($file);
    my ($count) = $text =~ /^totals: (\d+)\s*\z/m;
    return $count // die "instructions: $file has no totals at its end; it ends with:\n", substr($text, -200), "\n";
}

my (%count, @rows);
for my $case (@cases) {
    $count{$case->{name}} = (instructions_of($case, $many) - instructions_of($case, $few)) / ($many - $few);
    die "instructions: $case->{name}: more requests cost no more\n" if $count{$case->{name}} <= 0;
    my $over = $count{$case->{name}} - $count{$case->{baseline}};
    push @rows, [$case->{name}, sprintf('%.0f', $count{$case->{name}}), sprintf('%+.0f', $over), $case->{looks_at}];
}
print_table(['case', 'instructions a request', 'over vanilla', 'decides by'], @rows);
