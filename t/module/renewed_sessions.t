# Sessions whose cookie is set again with the value that it has, as by providers whose sessions end when they are not used: they are
# remembered for as long as it says then.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::World;

sub log_in {
    my ($gate, $session, $cookie) = @_;
    $gate->answers(redirect("https://app.test/cb?code=$session", $cookie));
    $gate->request(method => 'GET', path => '/auth?client_id=web');
    $gate->answers(tokens('alice', access_token => "access-$session"));
    is($gate->token({grant_type => 'authorization_code', code => $session, client_id => 'web'})->{status}, 200, "a login in $session");
}

sub status_of {
    my ($gate, $path, $session, %with) = @_;
    return $gate->request(method => 'GET', path => $path, headers => [['Cookie', "sid=$session"]], %with)->{status};
}

sub code_outside {
    my ($gate, $session) = @_;
    $gate->answers(redirect('https://app.test/cb?code=more'));
    return status_of($gate, '/auth?client_id=web', $session, from => outside);
}

sub short { return set_cookie('sid', $_[0], '; Path=/; Max-Age=2') }

sub lives_as_long_as_its_cookie {
    my ($what, $gate, $other) = @_;
    for my $session (qw(renewed left)) {
        log_in($gate, $session, short($session));
    }
    $other->answers(page('ok', set_cookie('sid', 'renewed', '; Path=/; Max-Age=600')));
    is(status_of($other, '/password_change', 'renewed'), 200, "$what: a page, which renews the cookie");
    sleep 3.2;
    $_->answers(page('ok')) for $gate, $other;
    is(status_of($gate, '/password_change', 'renewed'), 200, "$what: another one, when it would have ended");
    is(code_outside($gate, 'renewed'), 403, "$what: and nobody gets a code outside by it");
    $gate->answers(page('ok'));
    is(status_of($gate, '/password_change', 'left'), 403, "$what: of a session that nothing renewed nobody knows any more");
}

my $pages = 'location /password_change { ipfence password_change; proxy_pass http://provider; }';
my ($gate) = nodes(1, no_store => 1, server_more => $pages);
lives_as_long_as_its_cookie('alone', $gate, $gate);
$gate->finish;

my $redis = redis();
my @nodes = nodes(2, store => $redis->url, server_more => $pages);
lives_as_long_as_its_cookie('renewed by another node', @nodes);
$_->finish for reverse @nodes;
$redis->stop;
done_testing;
