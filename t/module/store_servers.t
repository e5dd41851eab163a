# The servers that ipfence_store can use: with a password, as a user with few rights, with TLS, watched by Sentinel, as
# a cluster; and that those which it must not use are not.

use strict;
use warnings;
use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;

# Two nodes share what they see, through this store.
sub works {
    my ($what, %with) = @_;
    my @nodes = nodes(2, %with);
    my $number = eval { login($nodes[0]) };
    ok(defined $number && is_known($nodes[1], $number), "$what: one node knows what the other saw");
    revoke($nodes[1], $number) if defined $number;
    ok(defined soon(sub { !is_known($nodes[0], $number // 'none') }, 2), "$what: and forgets what it forgot");
    $_->finish for reverse @nodes;
}

# It starts and refuses; the log says why, once the machine has found the time to ask the server.
sub fails {
    my ($what, $says, %with) = @_;
    my ($node) = nodes(1, options => 'timeout=200ms', %with);
    is(api_status($node, 'any'), 503, "$what: refused");
    is($node->last_audit->{reason}, 'store_unavailable', "$what: for that reason");
    soon(sub { $node->error_log =~ $says || (api_status($node, 'any') && undef) }, 10);
    like($node->error_log, $says, "$what: the log says why");
    $node->finish;
}

subtest 'passwords and users' => sub {
    # The rights that docs/directives.md names.
    my ($rights) = IPFence::Gate::read_whole(dirname(__FILE__) . '/../../docs/directives.md') =~ /ACL SETUSER gate on >PASSWORD (.*?)```/s;
    like($rights // '', qr/\A~ipfence:\* /, 'the documentation says which rights suffice');
    my $redis = redis(password => 'the-password', users => ['user gate on >gate-password ' . ($rights // '') =~ s/\s+/ /gr]);
    works('a password', store => $redis->url);
    works('a user with few rights', store => $redis->url(user => 'gate', password => 'gate-password'));
    fails('a wrong password', qr/WRONGPASS|invalid username-password/i, store => "redis://:wrong\@127.0.0.1:$redis->{port}");
    fails('no password', qr/NOAUTH/, store => "redis://127.0.0.1:$redis->{port}");
    fails('other keys than its own', qr/NOPERM/, store => $redis->url(user => 'gate', password => 'gate-password'), options => 'timeout=200ms prefix=other:');
    $redis->stop;
};

subtest 'TLS' => sub {
    my $redis = redis(tls => 1);
    my $certificate = $redis->file('certificate.pem');
    works('TLS', store => $redis->url, options => "timeout=5s tls_ca=$certificate");
    fails('an authority that nobody named', qr/certificate/, store => $redis->url);
    fails('another name', qr/certificate|name/, store => $redis->url, options => "timeout=500ms tls_ca=$certificate tls_name=other.test");
    works('a name of its own', store => $redis->url, options => "timeout=5s tls_ca=$certificate tls_name=redis.test");
    $redis->stop;
    my $strict = redis(tls => 1, client_certificates => 1);
    my ($key, $own) = map { $strict->file($_) } qw(key.pem certificate.pem);
    works('a certificate of the client', store => $strict->url, options => "timeout=5s tls_ca=$own tls_certificate=$own tls_certificate_key=$key");
    fails('none', qr/SSL|alert|closed/i, store => $strict->url, options => "timeout=500ms tls_ca=$own");
    $strict->stop;
};

subtest 'alternatives' => sub {
    my ($redis, $nobody) = (redis(), IPFence::Gate::free_port());
    works('the first of two is down', store => "redis://127.0.0.1:$nobody,127.0.0.1:$redis->{port}");
    my $replica = redis(settings => {replicaof => "127.0.0.1 $redis->{port}"});
    works('the first of two is a replica', store => "redis://127.0.0.1:$replica->{port},127.0.0.1:$redis->{port}");
    works('a database', store => "redis://127.0.0.1:$redis->{port}/3");
    $_->stop for $replica, $redis;
};

# A primary that was made a replica keeps its connections, and still answers whoever only reads; nobody tells it any more.
subtest 'a master that is made a replica by hand' => sub {
    my $primary = redis();
    my $replica = redis(settings => {replicaof => "127.0.0.1 $primary->{port}"});
    my @nodes = nodes(2, store => "redis://127.0.0.1:$primary->{port},127.0.0.1:$replica->{port}", options => 'timeout=500ms', expected_log => [qr/ipfence_store/]);
    my $number = login($nodes[0]);
    ok(is_known($nodes[1], $number), 'the nodes share what they see');
    ok(defined soon(sub { store_status($nodes[1])->{copies_trusted} }, 5), 'and the one that reads trusts its copies');
    ok(defined soon(sub { ($replica->ask('DBSIZE') // 0) == $primary->ask('DBSIZE') }, 5), 'which the replica has, too');
    $replica->ask('REPLICAOF', 'NO', 'ONE');
    $primary->ask('REPLICAOF', '127.0.0.1', IPFence::Gate::free_port());
    ok(defined soon(sub { defined eval { login($nodes[0]) } }, 10), 'the node that writes finds the new master');
    is(revoke($nodes[0], $number), 200, 'a revocation, which is told to that');
    my $took = soon(sub { !is_known($nodes[1], $number) }, 10);
    ok(defined $took && $took < 5, 'the node that only reads hears of it within the lease');
    ok(defined soon(sub { defined eval { is_known($nodes[1], login($nodes[0])) || undef } }, 5), 'and shares what is new');
    like($nodes[1]->error_log, qr/ipfence_store: 127\.0\.0\.1:$primary->{port}: it is a replica/, 'it says why');
    $_->finish for reverse @nodes;
    $_->stop for $replica, $primary;
};

subtest 'Sentinel' => sub {
    my $servers = redis_with_sentinel();
    my $sentinel = $servers->{sentinel};
    my @nodes = nodes(2, store => "redis://127.0.0.1:$sentinel->{port}", options => 'timeout=1s sentinel=gate');
    my $number = login($nodes[0]);
    ok(is_known($nodes[1], $number), 'the nodes share what they see');
    is($servers->{primary}->ask('DBSIZE') > 0 ? 'some' : 'none', 'some', 'in the primary');
    my ($seen) = map { $_ - 1 } $servers->{primary}->ask('DBSIZE');
    ok(defined soon(sub { $servers->{replica}->ask('DBSIZE') > $seen }, 5), 'which its replica has, too');
    $servers->{primary}->stop;
    my $took = soon(sub { defined eval { login($nodes[0]) } }, 15);
    ok(defined $took, sprintf 'P5: %.1f s after the primary died (Sentinel waits 0.5 s), tokens are issued again', $took // 99);
    ok(defined soon(sub { is_known($nodes[1], $number) }, 5), 'and what was known is known');
    ok(is_known($nodes[1], login($nodes[0])), 'and shared');
    $_->finish for reverse @nodes;
    $_->stop for values %$servers;
};

subtest 'Cluster' => sub {
    my @redis = redis_cluster();
    my @nodes = nodes(3, store => "redis://127.0.0.1:$redis[1]{port},127.0.0.1:$redis[2]{port}", options => 'timeout=5s');
    my @logins = map { login($nodes[$_ % 3]) } 1 .. 12;
    is(scalar(grep { is_known($nodes[($_ + 1) % 3], $logins[$_]) } 0 .. $#logins), 12, 'every node knows all logins');
    is(scalar(grep { $_->ask('DBSIZE') > 5 } @redis), 3, 'whose records are on all three servers');
    revoke($nodes[0], $logins[0]);
    ok(defined soon(sub { !is_known($nodes[$_], $logins[0]) }, 2), 'a revocation reaches node ' . $_) for 1, 2;

    # A tenth of the slots goes to another server while the nodes know the old places.
    my %id = map { $_ => $redis[$_]->ask('CLUSTER', 'MYID') } 0, 1;
    my $moved = 0;
    for my $slot (map { $redis[0]->ask('CLUSTER', 'KEYSLOT', $_) } @{$redis[0]->ask('KEYS', '*')}) {
        next if $moved++ > 10;
        $redis[1]->ask('CLUSTER', 'SETSLOT', $slot, 'IMPORTING', $id{0});
        $redis[0]->ask('CLUSTER', 'SETSLOT', $slot, 'MIGRATING', $id{1});
        my @keys = @{$redis[0]->ask('CLUSTER', 'GETKEYSINSLOT', $slot, 100)};
        $redis[0]->ask('MIGRATE', '127.0.0.1', $redis[1]{port}, '', 0, 5000, 'KEYS', @keys) if @keys;
        is(scalar(grep { !is_known($nodes[2], $_) } @logins[1 .. 11]), 0, 'ASK: everything stays known on the way') if $moved == 1;
        $_->ask('CLUSTER', 'SETSLOT', $slot, 'NODE', $id{1}) for @redis[1, 0, 2];
    }
    my ($fresh) = nodes(1, store => "redis://127.0.0.1:$redis[2]{port}", provider => $nodes[0]{provider});
    is(scalar(grep { !is_known($fresh, $_) } @logins[1 .. 11]), 0, 'MOVED: and where it is now');
    ok(is_known($nodes[1], login($nodes[2])), 'and what is new');
    $_->finish for $fresh, reverse @nodes;
    $_->stop for @redis;
};

done_testing;
