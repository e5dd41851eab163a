# How many policies requests may use at the same time: those whose answers only take their time use none, and a change waits for
# those that are still to be decided.

use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my ($slots, $users) = (8, 0);
my $port = IPFence::Gate::free_port();
my $slow = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1, Timeout => 5) or die $!;
my $words = '$ipfence_decision $ipfence_user $ipfence_profile $ipfence_rule $ipfence_policy $ipfence_candidate_decision';
my $gate = gate(
    policy => policy(), files => {'candidate.json' => JSON::PP->new->encode(policy('127.0.2.0/24'))},
    expected_log => [qr/policy\.json|candidate\.json/],
    http => "ipfence_zone zone=tokens:1m; proxy_buffering off; log_format words '\$uri $words'; upstream slow { server 127.0.0.1:$port; ipfence_guard; }",
    server => <<'CONF');
        ipfence_candidate candidate.json;
        location /token { ipfence token; proxy_pass http://provider; }
        location /held { ipfence token; proxy_pass http://slow; }
        location /api { ipfence resource; access_log DIR/words.log words; proxy_pass http://slow; }
CONF

sub policy {
    my $policy = IPFence::Gate::default_policy(@_ ? @_ : '127.0.1.0/24');
    $policy->{organization}{continuous_ip_enforcement} = JSON::PP::true;
    $policy->{users}{'user' . ++$users} = 'office';
    return $policy;
}

# Puts a policy in force: its hash, or undef.
sub change {
    my ($policy) = @_;
    my $in_force = qr/policy\.json": policy ([0-9a-f]{12}) is in force, in place of/;
    my $before = $gate->times_logged($in_force);
    $gate->write_policy($policy);
    my @seen;
    return wait_for(sub { @seen = $gate->error_log =~ /$in_force/g; @seen > $before }, 6) ? $seen[-1] : undef;
}

# Begins a request that the slow upstream gets: both ends.
sub begin_request {
    my ($head, $body) = @_;
    my $client = $gate->connect_from(inside);
    print $client "$head HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        . "Content-Length: " . length($body) . "\r\n\r\n$body";
    my $upstream = $slow->accept or die "the request did not arrive: $!";
    sysread $upstream, my $seen, 65536;
    return [$client, $upstream];
}

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
$gate->answers(tokens('alice', access_token => 'access'));
is($gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'})->{status}, 200, 'alice signs in');

subtest 'answers that never end' => sub {
    my (@streams, @hashes);
    for my $n (1 .. 2 * $slots) {
        my $hash = change(policy()) // last;
        push @hashes, $hash;
        my $stream = begin_request("GET /api?access_token=access&n=$n", '');
        print {$stream->[1]} "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n";
        my $line = readline $stream->[0];
        like($line, qr/ 200 /, "stream $n");
        push @streams, $stream;
    }
    is(@streams, 2 * $slots, 'do not keep policies from coming into force');
    ok(change(policy('127.0.2.0/24')), 'nor one that takes back what was allowed');
    is($gate->token(\%password)->{status}, 400, 'which holds');
    for my $stream (@streams) {
        print {$stream->[1]} "data: y\n\n";
        my $text = '';
        sysread $stream->[0], $text, 4096, length $text until $text =~ /data: y/ || length $text > 4096;
        close $_ for @$stream;
    }
    is_deeply(
        [sort $gate->log_lines('words.log', scalar @streams)],
        [sort map { "/api allow alice office 127.0.1.0/24 $_ deny" } @hashes],
        'and what variables say at their end is what each was decided by');
};

subtest 'an answer that is for nobody' => sub {
    my ($client, $upstream) = @{begin_request('GET /api', '')};
    my $before = $gate->log_lines('words.log', 2 * $slots);
    ok(change(policy('127.0.2.0/24')), 'keeps no policy either') for 1, 2;    # which is let go of at a look that comes later
    print $upstream "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    close $upstream;
    like(readline($client), qr/ 200 /, 'it arrives');
    close $client;
    my @lines = $gate->log_lines('words.log', $before + 1);
    like($lines[-1], qr{\A/api allow    [0-9a-f]{12} }, 'and says nothing of anybody');
};

subtest 'requests that are not decided' => sub {
    my @held;
    for my $n (1 .. $slots) {
        ok(change(policy('127.0.2.0/24')), "change $n") or return;
        push @held, begin_request('POST /held', form({grant_type => 'authorization_code', code => 'c', client_id => 'web'}));
    }
    ok(!change(policy()), 'keep one policy each, so that there is room for no other one');
    is($gate->token(\%password)->{status}, 400, 'the last one stays in force');
    is($gate->times_logged(qr/requests that are not decided yet use each of them/), 1, 'which is said once');
    my ($client, $upstream) = @{shift @held};
    my $answer = tokens('alice');
    print $upstream $answer;
    like(readline($client), qr/ 400 /, 'the first of them is denied by the policy that it began with');
    close $_ for $client, $upstream;
    ok(wait_for(sub { $gate->token(\%password)->{status} == 200 }, 3), 'and the last change comes into force');
    close $_ for map { @$_ } @held;
};

$gate->provider_saw;
$gate->finish;
done_testing;
