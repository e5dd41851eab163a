# ipfence_detect: what a request's parameters make of it, whatever its path.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=learned:1m;
        upstream guarded { server PROVIDER; ipfence_guard; }
        map $uri $kind { default off; /oauth2/token token; /api resource; /logout logout; }',
    server => <<'CONF',
        ipfence $kind;
        ipfence_user $http_x_user;
        ipfence_body_limit 1k;
        ipfence_detect password_change method=POST parameter=newpassword;
        ipfence_detect verification_registration method=POST parameter=register parameter=device;
        ipfence_detect logout parameter=logout;
        ipfence_detect login_flow method=PUT parameter=trusted;
        location / { proxy_pass http://guarded; }
        location /plain { ipfence off; proxy_pass http://guarded; }
        location /none { ipfence off; ipfence_detect token parameter=never; proxy_pass http://guarded; }
        location /tokens { ipfence off; ipfence_detect token method=POST parameter=grant_type; proxy_pass http://guarded; }
        location /monitor { ipfence_mode monitor; proxy_pass http://guarded; }
CONF
);

my $form = ['Content-Type', 'application/x-www-form-urlencoded'];

# "status reason kind", and a + where the provider has seen the request.
sub outcome {
    my (%request) = @_;
    $gate->provider_saw;
    $gate->audit;
    my $user = delete $request{user} // 'alice';
    $request{headers} = [['X-User', $user], @{$request{headers} // []}];
    my $response = $gate->request(method => 'POST', path => '/', from => outside, %request);
    my $line = $gate->last_audit;
    my @saw = $gate->provider_saw;
    return join ' ', $response->{status}, $line->{reason} // '-', $line->{kind} // '-', @saw ? '+' : ();
}

sub post { my ($body, %with) = @_; return outcome(body => $body, headers => [$form], %with) }

subtest 'a request is what its parameters say, at any path' => sub {
    is(post('newpassword=x&confirm=x'), '403 outside_login_ip_ranges password_change', 'in a form');
    is(post('newpassword=x', from => inside), '200 login_ip_range password_change +', 'from inside it passes');
    is(post('', path => '/?newpassword=x'), '403 outside_login_ip_ranges password_change', 'in the query');
    is(post('newpassword=', path => '/anything/at/all'), '403 outside_login_ip_ranges password_change', 'at another path, empty');
    is(post('', path => '/?#&newpassword=x'), '400 ambiguous_request off', 'behind a fragment, which nginx forwards');
    is(outcome(headers => [['Content-Type', "$form->[1]; charset=IBM037"]], body => "\x95\x85\xa6\x97\x81\xa2\xa2\xa6\x96\x99\x84=x"), '400 ambiguous_request off', 'in the letters of IBM037');
    is(post("\xef\xbb\xbfnewpassword=x"), '400 ambiguous_request off', 'behind a mark of byte order, which some servers drop');
    is(post('trusted=x', method => 'PUT'), '403 outside_login_ip_ranges login_flow', 'with another method');
    is(outcome(body => 'trusted=x', headers => [$form, ['X-HTTP-Method-Override', 'PUT']]), '400 ambiguous_request login_flow', 'which a header may put in its place');
    is(post('trusted=x&_method=put'), '403 outside_login_ip_ranges login_flow', 'or a form');
    is(outcome(method => 'GET', path => '/?trusted=x'), '200 - - +', 'but not of a GET');
    is(post('user=alice&password=x'), '200 - - +', 'without it nothing is decided');
    is(outcome(method => 'GET', path => '/?newpassword=x'), '200 - - +', 'another method is something else');
    is(post('register=1'), '200 - - +', 'one of two parameters is not both');
    is(post('device=1', path => '/?register=1'), '403 outside_login_ip_ranges verification_registration', 'both, one in the query');
    is(post('newpassword=x', path => '/plain/page'), '403 outside_login_ip_ranges password_change', 'where the location is off, too');
    is(post('newpassword=x', path => '/none'), '200 - - +', 'a location with its own ones has no others');
    is(post('newpassword=x', user => 'robin'), '200 no_login_ip_ranges password_change +', 'whose profile is not restricted');
    is(outcome(method => 'HEAD', path => '/?logout=1'), '200 - - +', 'no method given: any');
};

subtest 'path and parameters: the stricter, and never one that asks for less' => sub {
    is(post('newpassword=x', path => '/api'), '403 outside_login_ip_ranges password_change', 'a resource yields to a sensitive page');
    is(post('newpassword=x&register=1&device=1'), '403 outside_login_ip_ranges password_change', 'of two sensitive ones the first');
    is(post('logout=1', path => '/api'), '400 ambiguous_request resource', 'a resource is no logout');
    is(post('grant_type=password&username=alice&password=x&client_id=web&logout=1', path => '/oauth2/token'),
        '400 ambiguous_request token', 'a token request is no logout');
    is(post('logout=1', path => '/logout'), '200 - - +', 'the same twice is one');
};

subtest 'what another parser may find, and the gate not, is refused' => sub {
    for my $body ('a=1;newpassword=x', 'NewPassword=x', 'newpassword[]=x', '+newpassword=x', 'new.password=x&newpassword=x',
        'newpassword%00=x', 'newpassword=x&newpassword=y', 'newpassword=%', 'newpassword%=x') {
        my $outcome = post($body);
        like($outcome, qr/\A(400 ambiguous_request|403 outside_login_ip_ranges) \S+\z/, $body);
    }
    is(post("newp%61ssword=x"), '403 outside_login_ip_ranges password_change', 'encoded letters are letters');
    my $multipart = "--b\r\nContent-Disposition: form-data; name=\"newpassword\"\r\n\r\nx\r\n--b--\r\n";
    is(outcome(body => $multipart, headers => [['Content-Type', 'multipart/form-data; boundary=b']]), '400 ambiguous_request off', 'multipart');
    is(outcome(body => 'newpassword=x', headers => [['Content-Type', '']]), '400 ambiguous_request off', 'an empty content type');
    is(outcome(method => 'PUT', body => 'logout=1'), '400 ambiguous_request off', 'no content type');
    is(outcome(body => 'newpassword=x', headers => [$form, ['Content-Encoding', 'gzip']]), '400 ambiguous_request off', 'a coded form');
    is(outcome(body => 'newpassword=x', headers => [$form, ['Content-Type', 'text/plain']]), '400 ambiguous_request off', 'two content types');
    is(outcome(body => '{"newpassword":"x"}', headers => [['Content-Type', 'application/json']]), '200 - - +', 'JSON has no parameters');
    is(post('a=' . 'x' x 2000), '413 request_too_large off', 'a form larger than is read');
    my $chunks = join('', map { "200\r\n" . 'x' x 0x200 . "\r\n" } 1 .. 4) . "0\r\n\r\n";
    is(outcome(body => $chunks, headers => [$form, ['Transfer-Encoding', 'chunked']]), '413 request_too_large off', 'nor one of unknown length');
};

subtest 'a token request by its parameters is held to all that one at its path is' => sub {
    my $body = form({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'});
    is(post($body, path => '/tokens'), '400 outside_login_ip_ranges token', 'decided');
    is(post($body, path => '/tokens', from => inside), '200 login_ip_range token +', 'and passed');
    is(post($body, path => '/tokens?x=1', from => inside), '400 ambiguous_request token', 'with a query');
    is(outcome(path => '/tokens', body => $body, headers => [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-16']], from => inside),
        '400 ambiguous_request off', 'of another charset: nobody knows whether it is one');
    is(post('a=1', path => '/tokens'), '200 - - +', 'and nothing else is');
};

subtest 'monitor changes nothing' => sub {
    is(post('newpassword=x', path => '/monitor'), '200 outside_login_ip_ranges password_change +', 'denied in the log only');
    is(post('a=1;newpassword=x', path => '/monitor'), '200 ambiguous_request off +', 'refused in the log only');
    is(post('a=' . 'x' x 2000, path => '/monitor'), '200 request_too_large off +', 'of any size');
};

$gate->finish;

subtest 'a directive that says nothing, or too much, is an error' => sub {
    for my $case (['nothing parameter=a', qr/"nothing" is no kind/], ['off parameter=a', qr/"off" is no kind/],
        ['token method=POST method=GET parameter=a', qr/must be one method/], ['token method=post parameter=a', qr/must be one method/],
        ['token method=POST', qr/needs a parameter/], ['token parameter=', qr/is neither/], ['token parameter=a%20b', qr/is neither/],
        ['token ' . join(' ', map { "parameter=p$_" } 1 .. 9), qr/one parameter too many/]) {
        my ($arguments, $expected) = @$case;
        my $broken = gate(stopped => 1, server => "location / { ipfence_detect $arguments; }");
        my ($code, $output) = $broken->test_configuration;
        isnt($code, 0, $arguments);
        like($output, $expected, "$arguments: says why");
    }
};

done_testing;
