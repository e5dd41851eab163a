#!/usr/bin/env perl
# What scripts/bench-store runs.
#
#   store.pl --rounds N --logins N --module FILE --tools DIRECTORY

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../module/lib";

use Bench::Cases qw(request_bytes);
use Bench::Load qw(paced);
use Bench::Nginx;
use Bench::Report qw(median print_table);
use Bench::StoreRecords qw(bytes_by_kind events connections);
use Bench::World;
use File::Temp qw(tempdir);
use Getopt::Long;
use IPFence::Redis;

my %given = (rounds => 5, logins => 20_000);
GetOptions(\%given, 'rounds=i', 'logins=i', 'module=s', 'tools=s') or exit 2;

my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
($Bench::World::directory, $Bench::World::module) = ($directory, $given{module});
($Bench::Load::directory, $Bench::Load::paced_load) = ($directory, "$given{tools}/paced_load");
my $parent = $$;
# Ending what was started must not become the exit status.
END { local $?; Bench::World::stop() if defined $parent && $$ == $parent }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my $key = "$directory/store.key";
system("umask 077; openssl rand -base64 32 >$key") == 0 or die "bench: openssl makes no key\n";
my $redis = redis();
Bench::Nginx::cores() == 1 || qx(taskset -a -c -p ${\ Bench::Nginx::load_core()} $redis->{pid}) || die "bench: taskset\n";
my $store = "ipfence_store ${\ $redis->url} key=$key timeout=1s;";

# Gates that share, and one that is alone.
my %gate = map { $_ => Bench::World::nginx('store', id => $_, words => {STORE => $_ eq 'alone' ? '' : $store}) } qw(first second alone);
my $next = 1;

# The requests of a kind; ########## is the number of each.
sub request_of {
    my ($kind) = @_;
    my $login = 'grant_type=authorization_code&code=code-##########&client_id=mobile&client_secret=geheim&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback';
    return request_bytes({path => '/fill', header => 'X-Number: ##########', body => $login}) if $kind eq 'login';
    return request_bytes({path => '/api', header => "Authorization: Bearer $kind-##########"});
}

# Sends numbered requests: what they cost the gate and Redis, and how long they took.
sub run {
    my ($gate, $kind, $first, $count, $connections, $are_refused) = @_;
    my ($cpu, $redis_cpu) = ($gate->cpu, Bench::Nginx::cpu_of($redis->{pid}));
    my $load = paced(request_of($kind), $gate->port_of, 'first-number' => $first, requests => $count, connections => $connections);
    my $expected = $are_refused ? $count : 0;
    die "bench: $kind: $load->{failed} of $count requests were refused, not $expected\n" if $load->{failed} != $expected;
    return {cpu => 1e6 * ($gate->cpu - $cpu) / $count, redis => 1e6 * (Bench::Nginx::cpu_of($redis->{pid}) - $redis_cpu) / $count,
        rps => $count / $load->{seconds}, p50 => $load->{p50}, p99 => $load->{p99}, requests => $count};
}

# A round: logins at the first gate, their tokens at the second one for the first time (from Redis) and again (from its
# zone), tokens of nobody; and the same at the gate that is alone, which saw logins of its own.
sub round {
    my ($runs) = @_;
    my ($logins, $from) = ($given{logins}, $next);
    my $few = int $logins / 10;    # one at a time, for the latency
    $next += $logins;
    my $one = sub { my ($name, @run) = @_; push @{$runs->{$name}}, run(@run) };
    my $keys = $redis->ask('DBSIZE');
    $one->('login', $gate{first}, 'login', $from, $logins, 16);
    push @{$runs->{records}}, ($redis->ask('DBSIZE') - $keys) / $runs->{login}[-1]{requests};
    $one->('login, alone', $gate{alone}, 'login', $from, $logins, 16);
    my ($early, $late) = ($from, $from + $few);
    my $many = $logins - $few;
    $one->('remote hit, one at a time', $gate{second}, 'access', $early, $few, 1);
    $one->('remote hit', $gate{second}, 'access', $late, $many, 16);
    $one->('local hit, one at a time', $gate{second}, 'access', $early, $few, 1);
    $one->('local hit', $gate{second}, 'access', $late, $many, 16);
    $one->('local hit, one at a time, alone', $gate{alone}, 'access', $early, $few, 1);
    $one->('local hit, alone', $gate{alone}, 'access', $late, $many, 16);
    $one->('miss, one at a time', $gate{second}, 'never', $early, $few, 1, 1);
    $one->('miss', $gate{second}, 'never', $late, $many, 16, 1);
    $one->('miss, one at a time, alone', $gate{alone}, 'never', $early, $few, 1, 1);
    $one->('miss, alone', $gate{alone}, 'never', $late, $many, 16, 1);
}

sub figure {
    my ($runs, $name, $what, $format) = @_;
    return sprintf $format, median(map { $_->{$what} } @{$runs->{$name}});
}

sub row {
    my ($runs, $name) = @_;
    my @cells = ($name, $name =~ /login/ ? '-' : instructions($name), figure($runs, $name, cpu => '%.1f'), figure($runs, $name, redis => '%.1f'), figure($runs, $name, rps => '%.0f'));
    my $calm = $name =~ s/(?=, alone)|\z/, one at a time/r;
    return [@cells, $runs->{$calm} ? map({ figure($runs, $calm, $_ => '%.0f') } qw(p50 p99)) : ('-', '-')];
}

# User-space instructions of one life of a gate that is a single process: a token that it issued itself again and again
# (local hit), or another token each time.
sub instructions_of {
    my ($directive, $kind, $requests) = @_;
    my ($from, $counts) = ($next, "$directory/callgrind-$next");
    $next += $requests;
    my $gate = Bench::World::nginx('store', id => "instructions-$from", words => {STORE => $directive},
        under => ['valgrind', '--tool=callgrind', "--callgrind-out-file=$counts", '--quiet']);
    my @load = ('first-number' => $from, connections => 1);
    my $issuer = $kind eq 'remote hit' ? $gate{first} : $gate;
    paced(request_of('login'), $issuer->port_of, @load, requests => $kind eq 'remote hit' ? $requests : 1);
    push @load, 'last-number' => $from if $kind eq 'local hit';
    my $answered = paced(request_of($kind eq 'miss' ? 'never' : 'access'), $gate->port_of, @load, requests => $requests);
    die "bench: $kind: $answered->{failed} of $requests requests were refused\n" if $answered->{failed} != ($kind eq 'miss' ? $requests : 0);
    $gate->finish;
    return Bench::Nginx::contents($counts) =~ /^totals: (\d+)\s*\z/m ? $1 : die "bench: callgrind has no count\n";
}

sub instructions {
    my ($name) = @_;
    my ($few, $many) = (200, 1_200);
    my ($kind, $directive) = $name =~ /\A(.*), alone\z/ ? ($1, '') : ($name, $store);
    return sprintf '%.0f', (instructions_of($directive, $kind, $many) - instructions_of($directive, $kind, $few)) / ($many - $few);
}

my %runs;
for my $number (1 .. $given{rounds}) {
    round(\%runs);
    print STDERR "\rround $number of $given{rounds}" if -t STDERR;
}
print STDERR "\n" if -t STDERR;
print_table(['request', 'instructions', 'CPU us of the gate', 'CPU us of Redis', 'requests/s', 'p50 us', 'p99 us'],
    map { row(\%runs, $_) } 'local hit, alone', 'local hit', 'remote hit', 'miss, alone', 'miss', 'login, alone', 'login');
printf "records a login: %.2f\n", median(@{$runs{records}});
printf "records a second: %.0f\n\n", median(@{$runs{records}}) * figure(\%runs, 'login', rps => '%f');
print_table(['records', 'number', 'bytes each', 'bytes of key and value'], bytes_by_kind($redis));
print_table(['of Redis', 'cost'], connections($redis), events($redis));
