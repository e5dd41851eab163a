# Several gates, one memory: what one node saw, every other one knows right after, and what one forgot, all forget.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::World;

my $redis = redis();
my @nodes = nodes(3, store => $redis->url, http => 'ipfence_device_cookie device key=device.keys;', files => {'device.keys' => '11' x 32 . "\n"},
    server_more => 'location = /verify { ipfence verification; ipfence_verified 1; ipfence_user alice; proxy_pass http://provider; }');
my ($first, $second, $third) = @nodes;

sub refresh {
    my ($gate, $number, $new) = @_;
    $gate->answers(tokens(undef, access_token => "access-$new", refresh_token => "refresh-$new"));
    my $status = $gate->token({grant_type => 'refresh_token', refresh_token => "refresh-$number", client_id => 'relaxed'}, from => outside)->{status};
    $gate->answers(page('ok'));
    return $status;
}

sub welcome { my ($gate, $number) = @_; return $gate->request(method => 'GET', path => '/welcome', headers => [['Cookie', "sid=session-$number"]])->{status} }

subtest 'without a store each is alone' => sub {
    my @alone = nodes(2, no_store => 1);
    my $number = login($alone[0]);
    ok(is_known($alone[0], $number), 'the one that saw the login knows the token');
    ok(!is_known($alone[1], $number), 'the other does not');
    $_->stop for reverse @alone;
};

subtest 'right after' => sub {
    my ($known, $logins) = (0, 20);
    for (1 .. $logins) {
        my $number = login($nodes[$_ % 3], exchanged_at => $nodes[($_ + 1) % 3]);
        $known += is_known($nodes[($_ + 2) % 3], $number);
    }
    is($known, $logins, "of $logins tokens that were issued at one node, for a code that another saw, a third knows all");
    my $number = login($first);
    is(refresh($second, $number, 'r1'), 200, 'a refresh at another node, decided from what the first one saw');
    is($second->last_audit->{phase}, 'request', 'before the provider sees it');
    is(refresh($third, 'r1', 'r2'), 200, 'and its refresh token at a third one');
    ok(is_known($first, 'r2'), 'whose access token the first one knows');
    is(api_status($second, 'nobody'), '403', 'a token that nobody issued is unknown everywhere');
};

subtest 'sessions' => sub {
    my $number = login($first, app => 'web', exchanged_at => $second);
    is(welcome($third, $number), 200, 'a session is known where neither its code was seen nor exchanged');
    is($third->last_audit->{user}, 'alice', 'and whose it is');
    is(welcome($first, $number), 200, 'and where the code was seen before anyone knew the user');
};

subtest 'a session that two nodes add to at once' => sub {
    my $number = login($first, app => 'web');
    for my $node ($second, $third) {
        $node->answers(redirect("https://app.test/cb?code=more-$node->{port}"));
        $node->request(method => 'GET', path => '/auth?client_id=relaxed', headers => [['Cookie', "sid=session-$number"]]);
    }
    $first->answers(page('ok'));
    is(welcome($first, $number), 403, 'is as restricted as the strictest of its grants');
    is($first->last_audit->{reason}, 'sensitive_operation', 'which the other nodes added');
};

subtest 'revoked at one, forgotten by all' => sub {
    my $number = login($first);
    ok(is_known($_, $number), "node $_->{port} knows the token") for @nodes;
    is(revoke($second, $number), 200, 'revoked at the second');
    for my $node (@nodes) {
        my $took = soon(sub { !is_known($node, $number) }, 2);
        ok(defined $took, sprintf 'forgotten by node %d after %.0f ms', $node->{port}, 1000 * ($took // 99));
    }
    is(refresh($_, $number, 'never'), 400, "its refresh token is unknown at node $_->{port}") for @nodes;
};

subtest 'logged out at one, forgotten by all' => sub {
    my $number = login($first, app => 'web');
    is(welcome($_, $number), 200, "node $_->{port} knows the session") for @nodes;
    $third->answers(redirect('/bye', 'Set-Cookie: sid=; Path=/; Max-Age=0'));
    $third->request(path => '/logout', headers => [['Cookie', "sid=session-$number"]], body => 'logout=yes');
    $third->answers(page('ok'));
    for my $node (@nodes) {
        ok(defined soon(sub { welcome($node, $number) == 403 }, 2), "node $node->{port} has forgotten the session");
        is($node->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer access-$number"]])->{status}, 403, 'and its tokens');
    }
};

subtest 'a device that was activated at one' => sub {
    my ($cookie) = map { /\A(device=[^;]+)/ } IPFence::Http::header($first->request(method => 'GET', path => '/verify'), 'Set-Cookie');
    $second->answers(redirect('https://app.test/cb?code=device-code', set_cookie('sid', 'device-session')));
    $second->request(method => 'GET', path => '/auth?client_id=devices', from => outside, headers => [['Cookie', $cookie]]);
    $third->answers(tokens('alice', access_token => 'access-device'));
    is($third->token({grant_type => 'authorization_code', code => 'device-code', client_id => 'devices'}, from => outside)->{status}, 200,
        'relaxes a login whose code a second one saw, where it is exchanged');
    is($third->last_audit->{reason}, 'activated_device', 'as such');
    $third->answers(page('ok'));
    ok(is_known($first, 'device'), 'and its access token at the first');
};

subtest 'a node that was not there' => sub {
    my $number = login($first);
    my $revoked = login($first);
    ok(is_known($third, $revoked), 'the third knows a token');
    kill QUIT => $third->{pid};
    waitpid $third->{pid}, 0;
    is(revoke($first, $revoked), 200, 'which is revoked while it is down');
    $third->start;
    ok(defined soon(sub { is_known($third, $number) }), 'started again, it knows what it never saw');
    ok(!is_known($third, $revoked), 'and not what its snapshot says and the store does not');
};

subtest 'another key' => sub {
    my ($stranger) = nodes(1, store => $redis->url, store_key => qx(openssl rand -base64 32), provider => $first->{provider});
    my $number = login($first);
    ok(!is_known($stranger, $number), 'L15: a node with another key knows nothing of the others');
    my $own = login($stranger);
    ok(is_known($stranger, $own), 'only its own');
    ok(!is_known($first, $own), 'nor do they know what is its');
    ok(is_known($second, $number), 'which harms nobody');
    $stranger->finish;
};

subtest 'L17: keys in Redis are digests' => sub {
    my @keys = @{$redis->ask('KEYS', '*')};
    cmp_ok(scalar @keys, '>', 50, scalar(@keys) . ' keys');
    is_deeply([grep { !/\Aipfence:(?:[cgs]:\{[0-9a-fA-F]{32}\}|generation)\z/ } @keys], [], 'and nothing else');
    my @forever = grep { !/generation\z/ && $redis->ask('PTTL', $_) < 0 } @keys;
    is_deeply(\@forever, [], 'all of them expire');
};

$_->finish for reverse @nodes;
done_testing;
