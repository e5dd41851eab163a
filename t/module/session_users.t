# A browser session in which another user signs in, whose code nobody redeems.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; ipfence_session_cookie sid;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
CONF
);

sub authorize {
    my ($code, $query, $from, $cookie, @set) = @_;
    $gate->answers(redirect("https://app.test/cb?code=$code", @set));
    return $gate->request(method => 'GET', path => "/auth?$query", from => $from, headers => [$cookie ? ['Cookie', $cookie] : ()])->{status};
}

sub exchange {
    my ($code, $user, $from) = @_;
    $gate->answers(tokens($user, access_token => "access-$code"));
    return $gate->token({grant_type => 'authorization_code', code => $code, client_id => 'web'}, from => $from)->{status};
}

sub change {
    my ($cookie, $from) = @_;
    $gate->answers(page('changed'));
    return $gate->request(path => '/password', from => $from, headers => [['Cookie', $cookie]], body => 'new=1')->{status};
}

authorize('robin', 'client_id=web', outside, undef, set_cookie('sid', 'one'));
is(exchange('robin', 'robin', outside), 200, 'robin, who may be anywhere');
is(change('sid=one', outside), 200, 'changes his password');
is(authorize('other', 'client_id=web&prompt=login', outside, 'sid=one', set_cookie('sid', 'two')), 303, 'then somebody signs in there');
is(change('sid=two', outside), 403, 'who need not be robin, and is not before the code is redeemed');
is(exchange('other', 'robin', outside), 200, 'it was robin');
is(change('sid=two', outside), 200, 'who may again');
authorize('sso', 'client_id=web', outside, 'sid=two');
is(change('sid=two', outside), 200, 'and while a code waits that his session got without a question');

is(authorize('kept', '', outside, 'sid=two'), 303, 'a step inside the pages of the provider, which leaves the cookie');
is(change('sid=two', outside), 403, 'may have been a login, too');
is(exchange('kept', 'alice', outside), 400, 'of alice, who may not be outside');

$gate->finish;
done_testing;
