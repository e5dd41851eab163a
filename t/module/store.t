# ipfence_store: what one node learns, another one knows, over a plain Redis server.

use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp;
use Test::More;
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::World;

my $redis = redis();
my ($one, $other) = nodes(2, store => $redis->url);
for my $node ($one, $other) {
    ok(defined soon(sub { store_status($node)->{copies_trusted} }), 'a node hears what others change, and trusts its memory');
}

# The answer to an API request, and the lines that the audit log has of it: "status decision reason store".
sub api {
    my ($node, $number) = @_;
    $node->audit;
    my $status = api_status($node, $number);
    return join ' ', $status, map { ($_->{decision}, $_->{reason}, $_->{store} // '-') } $node->audit;
}

subtest 'issued at one, known at the other' => sub {
    my $number = login($one);
    like(api($one, $number), qr/\A200 allow relaxed_app/, 'the node that saw it knows it');
    is(api($one, $number), '200 allow relaxed_app -', 'and needs the store no more');
    is(api($other, $number), '200 allow relaxed_app hit', 'the other one asks the store');
    is(api($other, $number), '200 allow relaxed_app -', 'once');
    is(api($other, 'nobody'), '403 deny user_unidentified miss', 'what nobody issued is unknown to the store as well');
};

subtest 'refreshed at the other right after' => sub {
    my $number = login($one);
    $other->answers(tokens(undef, access_token => 'access-r', refresh_token => 'refresh-r'));
    $other->audit;
    is($other->token({grant_type => 'refresh_token', refresh_token => "refresh-$number", client_id => 'relaxed'}, from => outside)->{status}, 200, 'refreshed');
    is_deeply([map { "$_->{phase} $_->{reason} $_->{store}" } $other->audit], ['request relaxed_app hit'], 'decided before the provider sees it');
    $other->answers(page('ok'));
    is(api_status($one, 'r'), '200', 'and the new token is known where it began');
};

subtest 'revoked at one, forgotten by the other' => sub {
    my $number = login($one);
    is(api_status($other, $number), '200', 'known');
    is(revoke($one, $number), 200, 'revoked');
    ok(defined soon(sub { !is_known($other, $number) }, 2), 'forgotten');
};

# RFC 7009, section 2.1: with an access token, the provider need not revoke the refresh token.
subtest 'a refresh token that goes on after a revocation' => sub {
    $one->answers(tokens('alice', access_token => 'access-first', refresh_token => 'refresh-going-on'));
    $one->token({grant_type => 'password', username => 'alice', password => 'secret', client_id => 'web'});
    $one->answers(page('ok'));
    $one->request(path => '/revoke', body => 'token=access-first');
    ok(defined soon(sub { api_status($other, 'first', from => inside) == 403 }), 'the access token was revoked');
    $one->answers(tokens('alice', access_token => 'access-next', refresh_token => 'refresh-going-on'));
    is($one->token({grant_type => 'refresh_token', refresh_token => 'refresh-going-on', client_id => 'web'})->{status}, 200, 'a refresh');
    $one->answers(page('ok'));
    for my $node ($one, $other) {
        is(api_status($node, 'next', from => inside), 200, 'what it issued is known');
        is(api_status($node, 'first', from => inside), 403, 'what was revoked is not');
    }
};

# The provider goes by one of them, mostly the last who signed in; but who has stolen a session can be that, by a cookie with two
# readings.
subtest 'a session of two users' => sub {
    my $number = 0;
    for my $case (['robin', 'alice', 403], ['alice', 'robin', 403], ['robin', 'robin', 303]) {
        my ($first, $last, $status) = @$case;
        my $session = 'two-' . ++$number;
        for my $user ($first, $last) {
            my $code = "$session-$user";
            $one->answers(redirect("https://app.test/cb?code=$code", set_cookie('sid', $session)));
            $one->request(method => 'GET', path => '/auth?client_id=web&prompt=login', headers => [['Cookie', "sid=$session"]]);
            $one->answers(tokens($user, access_token => "access-$code"));
            is($one->token({grant_type => 'authorization_code', code => $code, client_id => 'web'})->{status}, 200, "$user signs in");
            $one->answers(page('ok'));
        }
        is(api_status($other, "$session-$last", from => inside), 200, "the other node meets a token of $last first");
        $one->answers(redirect("https://app.test/cb?code=more-$session"));
        for my $node ($other, $one) {
            is($node->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => [['Cookie', "sid=$session"]])->{status}, $status, "and takes the session for that of $first and $last, as all do");
        }
    }
};

# Whose session it is has been asked before the logout is forwarded, and becomes known before it is answered.
subtest 'a login that is finished while its session is logged out' => sub {
    my $port = IPFence::Gate::free_port();
    my $slow = IPFence::Provider->start(File::Temp::tempdir(CLEANUP => 1), $port);
    my ($node) = nodes(1, store => $redis->url, server_more => "location = /slow { ipfence logout; proxy_pass http://127.0.0.1:$port; }");
    $node->answers(redirect('https://app.test/cb?code=late', set_cookie('sid', 'ending')));
    $node->request(method => 'GET', path => '/auth?client_id=web');
    $slow->answers([0.5, redirect('https://app.test/', set_cookie('sid', '', '; Max-Age=0'))]);
    my $leaving = $node->connect_from(inside);
    syswrite $leaving, "POST /slow HTTP/1.1\r\nHost: x\r\nCookie: sid=ending\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ok(wait_for(sub { $slow->take_requests }), 'the logout is on its way');
    $node->answers(tokens('alice', access_token => 'access-late'));
    is($node->token({grant_type => 'authorization_code', code => 'late', client_id => 'web'})->{status}, 200, 'and the code is exchanged');
    like(join('', <$leaving>), qr/\AHTTP\/1.1 303 /, 'before it is answered');
    my $ask = sub { return $node->request(method => 'GET', path => '/auth?client_id=web', from => $_[0], headers => [['Cookie', 'sid=ending']])->{status} };
    $node->answers(redirect('https://app.test/cb?code=again'));
    is($ask->(outside), 403, 'whose it was is remembered all the same');
    is($ask->(inside), 303, 'as inside');
    $slow->stop;
    $node->finish;
};

subtest 'the numbers' => sub {
    my $status = store_status($other);
    ok($status->{subscribed}, 'subscribed');
    ok($status->{copies_trusted}, 'copies are trusted');
    is_deeply($status->{breakers}, {closed => 1, half_open => 0, open => 0}, 'the breaker is closed');
    cmp_ok($status->{requests}{hit}, '>', 1, 'hits');
    cmp_ok($status->{writes}{done}, '>', 0, 'writes');
};

$_->finish for $other, $one;

subtest 'the rights that docs/directives.md gives are enough' => sub {
    my ($rights) = IPFence::Gate::read_whole(dirname(__FILE__) . '/../../docs/directives.md') =~ /ACL SETUSER gate on >PASSWORD ([^`]+)/;
    my $guarded = redis(users => ['user gate on >the-password ' . join ' ', split ' ', $rights]);
    my ($node, $second) = nodes(2, store => $guarded->url(user => 'gate', password => 'the-password'));
    my $number = login($node);
    ok(is_known($second, $number), 'to share');
    revoke($node, $number);
    ok(defined soon(sub { !is_known($second, $number) }, 2), 'to forget');
    ok(defined soon(sub { store_status($second)->{subscribed} }), 'to hear of it');
    $_->finish for $second, $node;
    $guarded->stop;
};
done_testing;
