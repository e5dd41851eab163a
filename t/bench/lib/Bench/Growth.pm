package Bench::Growth;

# What a request costs as the policy has more ranges, as the zone remembers more tokens, and as nginx's own geo has more
# networks. Every size has an nginx of its own, and all are measured in every round.

use strict;
use warnings;

use Bench::Cases;
use Bench::Load qw(begin_paced figures_of paced);
use Bench::Nginx;
use Bench::Report qw(median);
use Bench::World;
use File::Path qw(make_path);
use POSIX qw(ceil);

our @heads = ('growth of', 'how many', 'CPU us', 'x vanilla', 'x the smallest', 'p50 us', 'p99 us', 'worker KiB');

my @sizes = (10, 1_000, 100_000, 1_000_000, 10_000_000);
my $users = 20_000;
my $apps = 100;

# What a remembered token takes, with a third of a grant, in a zone that gives nothing up, for it is no more than a third
# full (docs/memory.md): grants take 258 bytes and have three eighths of a zone.
my $zone_bytes_a_token = 258 / 3 * 8 / 3 * 3;

# What an nginx that was given a million networks takes for each: some 600 bytes a worker, as much in the master, which a
# worker need not copy, and what they are read into.
my $geo_bytes_a_range = 1_500;

my $code_exchange = 'grant_type=authorization_code&code=0123456789&client_id=app-1';
our %request = (
    ranges => {path => '/token', header => 'X-Number: ##########', body => $code_exchange},
    tokens => {path => '/api', header => 'Authorization: Bearer access-##########'},
    geo => {path => '/token?client_id=app-1', header => 'X-Number: ##########', body => $code_exchange},
);

our @addresses = ('first-number' => 1_000_000_000, 'last-number' => 9_999_999_999);

# What grows, in the order of the table: an nginx of that size, what it takes of memory, and which numbers the requests have.
my @series = (
    {what => 'ranges', gate => \&gate_of_ranges, bytes => 0, numbers => sub {@addresses}},
    {what => 'geo', gate => \&geo_of_ranges, bytes => $geo_bytes_a_range, numbers => sub {@addresses}},
    {
        what => 'tokens', gate => \&gate_of_tokens, bytes => $zone_bytes_a_token,
        numbers => sub { ('first-number' => 1, 'last-number' => ceil($_[0] / 3)) },
    },
);
our @names = map {"growth of $_->{what}"} @series;

sub profiles_of { $_[0] < 1_000 ? 1 : $_[0] / 1_000 }

# The compiled policy of an organization; made once for each `ipfence`.
sub compiled_policy {
    my ($ranges, $given) = @_;
    my $directory = "$given->{tools}/organization-$ranges";
    my $file = "$directory/policy.compiled";
    return $file if -e $file && -M $file < -M $given->{ipfence};
    make_path($directory);
    my $profiles = profiles_of($ranges);
    Bench::Load::output_of("$given->{tools}/write_organization", $directory, $users, $apps, $profiles, $ranges);
    # It warns of ranges inside others, of which there are many.
    Bench::Load::output_of('sh', '-c', '"$0" compile "$1" -o "$2" 2>"$1.warnings" || { cat "$1.warnings" >&2; exit 1; }',
        $given->{ipfence}, "$directory/policy.json", $file);
    unlink map {"$directory/$_"} qw(policy.json policy.json.warnings users.ndjson);
    return $file;
}

sub gate_of_ranges {
    my ($ranges, $given) = @_;
    return gate_of_policy($ranges, compiled_policy($ranges, $given));
}

sub gate_of_policy {
    my ($id, $policy) = @_;
    my $gate = Bench::World::nginx('ipfence_ranges', id => $id, words => {POLICY => $policy});
    check_ranges($gate);
    return $gate;
}

# What is timed is a decision by a profile's ranges.
sub check_ranges {
    my ($gate) = @_;
    my $answer = Bench::Load::output_of(
        'curl', '-s', '-i', '-H', 'X-Number: 1234567890', '-d', $request{ranges}{body},
        "http://127.0.0.1:$gate->{port}/explained",
    );
    die "bench: not decided by ranges: $answer\n" if $answer !~ /^X-Decision: profile-\d+ \w*login_ip_range/m;
}

# nginx's own, which has the ranges of all profiles in one place, as it does not know the user.
sub geo_of_ranges {
    my ($ranges, $given) = @_;
    my $networks = "$Bench::World::directory/networks-$ranges";
    Bench::Load::output_of("$given->{tools}/write_geo", $networks, profiles_of($ranges), $ranges);
    my $nginx = Bench::World::nginx('geo_ranges', id => $ranges, words => {NETWORKS => $networks});
    unlink $networks;
    my $answer = Bench::Load::output_of(
        'curl', '-s', '-i', '-H', 'X-Number: 1234567890', "http://127.0.0.1:$nginx->{port}/explained?client_id=app-1",
    );
    die "bench: geo decides nothing: $answer\n" if $answer !~ /^X-Decision: refused [01]\r/m;
    return $nginx;
}

# Half of the memory that the machine has left is for the largest size.
sub fits {
    my ($series, $size) = @_;
    return $size * $series->{bytes} < available_memory() / 2;
}

sub available_memory {
    return Bench::Nginx::contents('/proc/meminfo') =~ /^MemAvailable:\s+(\d+) kB/m ? $1 * 1024 : die "bench: no memory\n";
}

# The file is read when nginx starts, and not needed after that.
sub gate_of_tokens {
    my ($tokens, $given) = @_;
    my $bytes = 2**20 * (1 + ceil($tokens * $zone_bytes_a_token / 2**20));
    my $snapshot = "$Bench::World::directory/tokens-$tokens";
    Bench::Load::output_of("$given->{tools}/write_tokens", $snapshot, ceil($tokens / 3), $bytes);
    my $gate = Bench::World::nginx('ipfence_tokens', id => $tokens, words => {ZONE => $bytes, SNAPSHOT => $snapshot});
    unlink $snapshot;
    my $unknown = paced(Bench::Cases::request_bytes($request{tokens}), $gate->{port},
        requests => 10, 'first-number' => $tokens);
    die "bench: a token that nobody issued is let through\n" if $unknown->{failed} != 10;
    return $gate;
}

sub options_of {
    my ($series, $size, $seconds) = @_;
    return (seconds => $seconds, $series->{numbers}->($size));
}

sub request_of { Bench::Cases::request_bytes($request{$_[0]{what}}) }

# As many requests as the workers can answer, who share a core: the CPU of each for a request.
sub together {
    my ($series, $seconds, @gates) = @_;
    my @before = map { $_->{nginx}->cpu } @gates;
    my @loads = map {
        begin_paced(request_of($series), $_->{nginx}{port}, options_of($series, $_->{size}, $seconds))
    } @gates;
    my @figures = map { figures_of($_) } @loads;
    $_->{failed} and die "bench: $_->{failed} requests failed among $series->{what}\n" for @figures;
    return map { 1e6 * ($gates[$_]{nginx}->cpu - $before[$_]) / $figures[$_]{answered} } 0 .. $#gates;
}

# A gate beside vanilla and the smallest one, and then alone.
sub run {
    my ($series, $gate, $smallest, $seconds) = @_;
    my $vanilla = {size => $gate->{size}, nginx => Bench::World::nginx('vanilla')};
    my ($cpu, $of_vanilla, $of_smallest) = together($series, $seconds, $gate, $vanilla, $gate == $smallest ? () : $smallest);
    my @load = (request_of($series), $gate->{nginx}{port}, options_of($series, $gate->{size}, $seconds));
    my $fast = paced(@load);
    my $calm = paced(@load, rate => $fast->{answered} / $fast->{seconds} / 2);
    return {
        cpu => $cpu, p50 => $calm->{p50}, p99 => $calm->{p99}, memory => $gate->{nginx}->memory,
        ratio => $cpu / $of_vanilla, growth => $cpu / ($of_smallest // $cpu),
    };
}

sub rows_of {
    my ($series, $given) = @_;
    my @sizes = grep { $_ <= $given->{largest} && fits($series, $_) } @sizes;
    my @gates = map { {size => $_, nginx => $series->{gate}->($_, $given)} } @sizes;
    my %runs;
    for my $round (1 .. $given->{rounds}) {
        push @{$runs{$_->{size}}}, run($series, $_, $gates[0], $given->{seconds}) for @gates;
    }
    return map {
        my $size = $_;
        my %median = map { my $name = $_; $name => median(map { $_->{$name} } @{$runs{$size}}) } keys %{$runs{$size}[0]};
        [$series->{what}, $size, map({ sprintf '%.2f', $_ } @median{qw(cpu ratio growth)}), @median{qw(p50 p99 memory)}];
    } @sizes;
}

# measure(rounds => …, seconds => …, largest => …, tools => …, ipfence => …, only => {name => 1}): the rows of a table.
sub measure {
    my (%given) = @_;
    return map { rows_of($_, \%given) } grep { !%{$given{only}} || $given{only}{"growth of $_->{what}"} } @series;
}

1;
