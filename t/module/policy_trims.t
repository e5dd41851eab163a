# A policy and its candidate that change together are read by two threads of a worker. Where another allocator has taken the
# place of glibc's (jemalloc), glibc's is set up when it is trimmed first, and is not made for two threads that do so at once.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;

my ($inside_only, $outside_only) = map { JSON::PP->new->canonical->encode(IPFence::Gate::default_policy($_)) } '127.0.1.0/24', '127.0.2.0/24';
my $gate = gate(stopped => 1, policy => $inside_only, files => {'candidate.json' => $outside_only}, http => 'ipfence_candidate candidate.json;');
is($gate->compile_preload('overlapping_trims.c'), 0, 'an allocator that two threads may not trim at once compiles');
$gate->start;
my ($worker) = $gate->workers;

for my $change (1 .. 3) {
    $gate->write_file('candidate.json', $change % 2 ? $inside_only : $outside_only);
    $gate->write_policy($change % 2 ? $outside_only : $inside_only);
    ok(wait_for(sub { $gate->times_logged(qr/is in force, in place of/) == 2 * $change }), "change $change: both are in force");
}
is(join(' ', $gate->workers), $worker, 'the worker lives');
$gate->finish;
done_testing;
