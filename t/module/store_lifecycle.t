# ipfence_store while something ends: the store, the client, the worker, nginx. Nothing waits for longer than its time, and nothing
# is finalized twice (catalogue L11, L12, L13, L14, M08, M09).

use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::World;

my $redis = redis();
my ($deny) = nodes(1, store => $redis->url, options => 'timeout=300ms', expected_log => [qr/ipfence_store|exited on signal 9/], workers => 2);
my ($local) = nodes(1, store => $redis->url, options => 'timeout=300ms on_failure=local', expected_log => [qr/ipfence_store/], provider => $deny->{provider});

sub reasons { my ($node) = @_; return join ', ', map { "$_->{phase} $_->{decision} $_->{reason}" . ($_->{store} ? " $_->{store}" : '') } $node->audit }

sub password_grant {
    my ($node) = @_;
    $node->answers(tokens('alice', access_token => 'access-p', refresh_token => 'refresh-p'));
    $node->audit;
    my $answer = $node->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'});
    $node->answers(page('ok'));
    return $answer;
}

# Sends a request from outside and goes, after so many seconds.
sub ask_and_leave {
    my ($node, $number, $seconds) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $node->{port}) or die $!;
    syswrite $socket, "GET /api HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer access-$number\r\n\r\n";
    sleep $seconds;
    close $socket;
}

sub works { my ($node) = @_; return defined soon(sub { defined eval { is_known($node, login($node)) || undef } }, 6) }

# The connections to Redis that a process has open, by the numbers of their sockets.
sub connections {
    my ($pid) = @_;
    my $port = sprintf '%04X', $redis->{port};
    open my $table, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!";
    my %to_redis = map { /\A\s*\d+: \S+ \w+:$port 01 (?:\S+\s+){5}(\d+) / ? ("socket:[$1]" => 1) : () } <$table>;
    return grep { $to_redis{$_} } map { readlink // () } glob "/proc/$pid/fd/*";
}

subtest 'L13: each worker has connections of its own' => sub {
    my %seen;
    my $both = soon(sub {
        works($deny);
        my @of_worker = map { [connections($_)] } $deny->workers;
        %seen = ();
        $seen{$_}++ for map { @$_ } @of_worker;
        return @of_worker == 2 && !grep { !@$_ } @of_worker;
    }, 10);
    ok(defined $both, 'both have some: ' . keys %seen);
    is_deeply([grep { $seen{$_} > 1 } keys %seen], [], 'and share none');
    is_deeply([connections($deny->{pid})], [], 'the master, which they were forked from, has none');
};

subtest 'a store that does not answer' => sub {
    ok(works($deny), 'it works');
    my $number = login($deny);
    $redis->freeze;
    my $began = time;
    is(api_status($deny, 'unknown'), '503', 'an API request that must ask it is refused');
    cmp_ok(time - $began, '<', 1, 'in its time');
    is($deny->last_audit->{reason}, 'store_unavailable', 'for that reason');
    is(password_grant($deny)->{status}, 502, 'a token that it cannot be told of is withheld');
    like(reasons($deny), qr/response deny store_unavailable\z/, 'which the audit log says last');
    is(api_status($local, 'unknown'), '403', 'local: what is unknown here is unknown');
    is(password_grant($local)->{status}, 200, 'local: tokens are issued');
    is(api_status($local, 'p'), '403', 'and outside they are denied for what they are');
    is($local->last_audit->{reason}, 'outside_login_ip_ranges', 'since the node knows them itself');
    $redis->thaw;
    ok(works($_), 'it works again') for $deny, $local;
};

subtest 'clients that leave while the store is asked' => sub {
    $redis->freeze;
    ask_and_leave($deny, "gone-$_", 0.02) for 1 .. 20;
    $redis->thaw;
    ok(works($deny), 'it works');
};

subtest 'clients that leave while the store is told' => sub {
    $redis->freeze;
    my $body = 'grant_type=password&username=alice&password=pw&client_id=web';
    for (1 .. 5) {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $deny->{port}, LocalAddr => inside) or die $!;
        syswrite $socket, "POST /token HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: @{[length $body]}\r\n\r\n$body";
        sleep 0.05;
        close $socket;
    }
    $redis->thaw;
    ok(works($deny), 'it works');
};

subtest 'a reload while the store is asked' => sub {
    $redis->freeze;
    my $pid = fork // die;
    if ($pid == 0) { exec 'true' if api_status($deny, 'reload') eq '503'; exec 'false' }
    sleep 0.05;
    $deny->signal('HUP');
    waitpid $pid, 0;
    is($?, 0, 'the request that waits is answered by the worker that it came to');
    $redis->thaw;
    ok(works($deny), 'it works');
};

subtest 'a worker that is killed' => sub {
    kill KILL => $deny->workers;
    ok(works($deny), 'another one does its work');
    ok(defined soon(sub { store_status($deny)->{copies_trusted} }), 'and is subscribed');
};

subtest 'a store that is emptied' => sub {
    my $number = login($deny);
    ok(is_known($deny, $number), 'known');
    $redis->ask('FLUSHALL');
    ok(defined soon(sub { !is_known($deny, $number) }, 5), 'what the store does not know any more, nobody knows');
    ok(works($deny), 'and it goes on');
};

subtest 'revoked while the store is down' => sub {
    my $number = login($deny);
    ok(is_known($local, $number), 'known to another node');
    $redis->freeze;
    is(revoke($deny, $number), 200, 'revoked');
    $redis->thaw;
    ok(defined soon(sub { !is_known($local, $number) }, 6), 'which that one hears of when the store is back');
};

subtest 'revoked while the store is down, at a node that does not know what belongs to it' => sub {
    for my $node ($deny, $local) {
        my $other = $node == $deny ? $local : $deny;
        my $number = login($other);
        $redis->freeze;
        is(revoke($node, $number), 200, 'revoked');
        $redis->thaw;
        ok(defined soon(sub { !is_known($other, $number) }, 8), 'the node that issued it forgets the access token, too');
        ok(!is_known($node, $number), 'and the one where it was revoked does not know it');
    }
};

subtest 'the store is back, and nobody asks' => sub {
    my $open = sub { store_status($deny)->{breakers}{open} };
    $redis->stop;
    ok(defined soon(sub { api_status($deny, 'unknown'); $open->() }), 'a worker goes on without the store');
    $redis->start;
    ok(defined soon(sub { !$open->() && store_status($deny)->{subscribed} }, 6), 'none says so any more');
    ok(works($deny), 'and it works');
};

subtest 'nginx is told to end at once while the store is told' => sub {
    my ($node) = nodes(1, store => $redis->url, options => 'timeout=5s', provider => $deny->{provider}, expected_log => [qr/ipfence_store/]);
    ok(defined soon(sub { store_status($node)->{copies_trusted} }), 'a node that trusts its copies');
    my $number = login($node);
    ok(defined soon(sub { my $before = store_status($node)->{requests}{hit}; is_known($node, $number) && store_status($node)->{requests}{hit} == $before }),
        'needs the store no more');
    $redis->freeze;
    is(revoke($node, $number), 200, 'revoked');
    $node->signal('TERM');
    ok(defined soon(sub { $node->error_log =~ /: 1 revocations and other changes were not told to the other nodes/ }), 'the error log says what others were not told');
    $redis->thaw;
    $node->finish;
};

for my $node ($local, $deny) {
    my $began = time;
    $node->finish;
    cmp_ok(time - $began, '<', 5, 'nginx ends');
}
done_testing;
