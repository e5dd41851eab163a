package Bench::StoreRecords;

# What records, connections and events cost a Redis: its own figures of memory, and its CPU time.

use strict;
use warnings;

use Bench::Nginx;
use IPFence::Resp qw(command_bytes);

use Exporter qw(import);
our @EXPORT_OK = qw(bytes_by_kind connections events);

my %kind = (c => 'credential', g => 'grant', s => 'session');

# [kind, how many of a sample, MEMORY USAGE of one, length of key and value]; and what all of them take together.
sub bytes_by_kind {
    my ($redis) = @_;
    my (%sum, %value, %count);
    my $cursor = 0;
    do {
        my $page = $redis->ask('SCAN', $cursor, 'COUNT', 500);
        ($cursor, my $keys) = @$page;
        for my $name (@$keys) {
            my ($letter) = $name =~ /:([cgs]):/ or next;
            ++$count{$letter};
            $sum{$letter} += $redis->ask('MEMORY', 'USAGE', $name, 'SAMPLES', 0);
            $value{$letter} += length($name) + ($letter eq 's' ? 0 : $redis->ask('STRLEN', $name));
        }
    } while $cursor && keys %count < 1e5 && total(\%count) < 20_000;
    my @rows = map { ["a $kind{$_}", $count{$_}, sprintf('%.0f', $sum{$_} / $count{$_}), $_ eq 's' ? '-' : sprintf '%.0f', $value{$_} / $count{$_}] }
        sort keys %count;
    my $all = $redis->ask('DBSIZE');
    return @rows, ['all, with what Redis needs to find them', $all, sprintf('%.0f', (memory($redis) - overhead($redis)) / $all), '-'];
}

sub total { my ($count) = @_; my $total = 0; $total += $_ for values %$count; return $total }

sub info { my ($redis, $section, $name) = @_; return $redis->ask('INFO', $section) =~ /^\Q$name\E:(\d+)/m ? $1 : die "bench: Redis does not say $name\n" }

sub memory { return info($_[0], 'memory', 'used_memory') }
# What an empty one takes.
sub overhead { return info($_[0], 'memory', 'used_memory_startup') + info($_[0], 'memory', 'mem_clients_normal') }

# Connections that idle, as those of a thousand nodes do mostly.
sub connections {
    my ($redis) = @_;
    my ($before, $number) = (memory($redis), 500);
    my @connections = map { IPFence::Resp->connect($redis->{port}) } 1 .. $number;
    $_->ask('PING') for @connections;
    sleep 5;    # until Redis has taken back what it gave them for the command
    return ['an idle connection', sprintf '%.0f bytes', (memory($redis) - $before) / $number];
}

# What it costs to tell so many nodes of an event; and to answer the check that each makes once a second.
sub events {
    my ($redis) = @_;
    my ($nodes, $events) = (500, 200);
    my @connections = map { IPFence::Resp->connect($redis->{port}) } 1 .. $nodes;
    $_->ask('SUBSCRIBE', 'bench') for @connections;
    my $cpu = Bench::Nginx::cpu_of($redis->{pid});
    for (1 .. $events) {
        $redis->ask('PUBLISH', 'bench', 'x' x 100);
        sysread $_->{socket}, my $message, 4096 for @connections;
    }
    my $told = Bench::Nginx::cpu_of($redis->{pid}) - $cpu;
    my $checks = 50_000;
    $cpu = Bench::Nginx::cpu_of($redis->{pid});
    $redis->ask('GET', 'ipfence:generation') for 1 .. $checks;
    my $checked = Bench::Nginx::cpu_of($redis->{pid}) - $cpu;
    return ['telling one node of one event', sprintf('%.2f CPU us', 1e6 * $told / $events / $nodes)],
        ['one command, not pipelined', sprintf('%.2f CPU us', 1e6 * $checked / $checks)];
}

1;
