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


# Whether the provider has signed anybody in, only a code says, once it is redeemed.
sub sends {
    my ($method, $path, $cookie, $answer) = @_;
    $gate->answers($answer);
    my %body = $method eq 'POST' ? (body => 'login=alice&password=secret') : ();
    return $gate->request(method => $method, path => $path, from => outside, headers => [['Cookie', $cookie]], %body)->{status};
}

sub signs_in {
    my ($code, $cookie) = @_;
    authorize($code, 'client_id=web&prompt=login', outside, $cookie);
    is(exchange($code, 'robin', outside), 200, "robin signs in with $code");
    is(change($cookie, outside), 200, 'and may change his password');
}

signs_in('third', 'sid=two');
is(sends('GET', '/auth', 'sid=two', page('Who are you?')), 200, 'a question is no login');
is(sends('GET', '/auth?client_id=web', 'sid=two', redirect('/login', set_cookie('sid', 'three'))), 303, 'nor is one for an app');
is(change('sid=three', outside), 200, 'whatever cookie it sets');
is(sends('POST', '/auth', 'sid=three', page('wrong', set_cookie('sid', 'three'))), 200, 'nor is a wrong password');
is(change('sid=three', outside), 200, 'which leaves the session');

is(sends('POST', '/auth', 'sid=three', redirect('/account', set_cookie('sid', 'four'))), 303, 'a form that hands out no code');
is(change('sid=four', outside), 403, 'may have been a login of somebody else');
is($gate->last_audit->{reason}, 'user_unidentified', 'and whose session it is, nobody knows');
signs_in('fourth', 'sid=four');
is(sends('GET', '/auth?token=from-a-mail', 'sid=four', redirect('/account', set_cookie('sid', 'five'))), 303, 'a link by which a session is another one');
is(change('sid=five', outside), 403, 'may be of another user');
signs_in('fifth', 'sid=five');
is(sends('POST', '/auth?client_id=web', 'sid=five', redirect('https://app.test/cb?code=seventh', set_cookie('sid', 'six'))), 303, 'a form that names its app, in a known session');
is(change('sid=six', outside), 403, 'is decided for whom it was, and may have been of another');
is(exchange('seventh', 'robin', outside), 200, 'it was not');
is(change('sid=six', outside), 200, 'and that is known now');

$gate->finish;
done_testing;
