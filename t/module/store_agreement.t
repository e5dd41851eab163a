# Threat P14: how long two nodes may disagree about what one of them forgot, and that whoever cannot ask is stricter.
# The bounds are those of docs/store.md.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::LyingRedis;
use IPFence::Nodes;
use IPFence::Redis;

my $redis = redis();
my $bound = 3;

# Two nodes, the second one behind a Redis that misbehaves.
sub two_nodes {
    my ($options) = @_;
    my $lying = lying_redis($redis);
    my ($near) = nodes(1, store => $redis->url, options => $options);
    my ($far) = nodes(1, store => $lying->url, options => $options, provider => $near->{provider});
    return ($near, $far, $lying);
}

# How long the far node goes on to know what the near one has forgotten: its longest of so many.
sub longest_disagreement {
    my ($near, $far, $times, $before) = @_;
    my $longest = 0;
    for (1 .. $times) {
        my $number = login($near);
        die 'the far node does not know the token' unless defined soon(sub { is_known($far, $number) });
        $before->() if $before;
        revoke($near, $number);
        my $took = soon(sub { !is_known($far, $number) }, 10) // 10;
        $longest = $took if $took > $longest;
    }
    return $longest;
}

sub within {
    my ($longest, $bound, $what) = @_;
    cmp_ok($longest, '<=', $bound, sprintf '%s: the longest disagreement was %.0f ms', $what, 1000 * $longest);
}

subtest 'what Redis says is heard' => sub {
    my ($near, $far, $lying) = two_nodes('timeout=100ms');
    within(longest_disagreement($near, $far, 20), 0.5, 'as it should be');

    $lying->behaves('deaf');
    within(longest_disagreement($near, $far, 2), $bound, 'the messages are lost, but not the connection');
    $lying->behaves('well');
    $_->finish for $far, $near;
};

subtest 'a node that is cut off' => sub {
    for my $how (qw(down blackhole)) {
        my ($near, $far, $lying) = two_nodes('timeout=100ms');
        within(longest_disagreement($near, $far, 1, sub { $lying->behaves($how) }), $bound, "P14: $how, on_failure=deny");
        my $number = login($near);
        isnt(api_status($far, $number), 200, 'what the others learn meanwhile is not known to it');
        $far->audit;
        api_status($far, $number);
        is($far->last_audit->{reason}, 'store_unavailable', 'for that reason');
        my $opened = soon(sub { api_status($far, $number); store_status($far)->{requests}{refused} > 0 }, 2);
        ok(defined $opened, sprintf 'P5: the breaker is open after %.0f ms', 1000 * ($opened // 99));
        my @took = sort { $a <=> $b } map { my $began = time; api_status($far, $number); time - $began } 1 .. 15;
        cmp_ok($took[7], '<', 0.05, sprintf 'so that nobody waits: half of the requests took less than %.1f ms', 1000 * $took[7]);
        $lying->behaves('well');
        my $back = soon(sub { is_known($far, $number) }, 5);
        ok(defined $back, sprintf 'P5: known %.0f ms after the store is back', 1000 * ($back // 99));
        $_->finish for $far, $near;
    }
};

subtest 'a node that is cut off and goes on with what it knows' => sub {
    my ($near, $far, $lying) = two_nodes('timeout=100ms on_failure=local');
    my ($kept, $revoked) = (login($near), login($near));
    ok(is_known($far, $_), 'the far node knows a token') for $kept, $revoked;
    $lying->behaves('down');
    revoke($near, $revoked);
    my $unseen = login($near);
    sleep 1.5;
    is(api_status($far, $kept), 200, 'it goes on to know it');
    is(api_status($far, $unseen), 403, 'what it never saw is unknown, which opens nothing');
    my $own = login($far);
    is(api_status($far, $own), 200, 'it serves its own logins');
    $lying->behaves('well');
    my $took = soon(sub { !is_known($far, $revoked) }, 5);
    ok(defined $took, sprintf 'what was revoked meanwhile is forgotten %.0f ms after the store is back', 1000 * ($took // 99));
    ok(is_known($far, $kept), 'and nothing else');
    ok(is_known($far, $unseen), 'and what the others learned is known');
    $_->finish for $far, $near;
};

done_testing;
