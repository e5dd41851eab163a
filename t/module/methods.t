# Methods, and the headers and second doors that stand for them, under the shipped configuration (catalogue, group A).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::Shipped;
use IPFence::World;

my $gate = shipped_gate(policy => world(), server => <<'CONF');
        ipfence_user $http_x_user;    # who has signed in
        location ~ ^/(account/password|account/api/credentials|scim/Users|secur/forgotpassword) {
            ipfence password_change;
            proxy_pass http://provider;
        }
CONF

my $token = '/oauth/token';
my %refresh = (grant_type => 'refresh_token', client_id => 'web');
my $body = form({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'});
my $asks = ['Access-Control-Request-Method', 'POST'];

sub seen { my @saw = $gate->provider_saw; return scalar @saw }

subtest 'A20: only POST is a token request, whatever it carries' => sub {
    for my $method (qw(GET QUERY FOO PUT PATCH DELETE PROPFIND LOCK)) {
        for my $case (['with a body', body => $body, headers => [['Content-Type', 'application/x-www-form-urlencoded']]], ['without one']) {
            my ($what, %with) = @$case;
            like(json_error($gate->request(method => $method, path => $token, %with)), qr/\A405 invalid_request/, "$method $what");
            is(seen(), 0, "$method $what: not forwarded");
        }
    }
    for my $override ('X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override') {
        is($gate->request(method => 'GET', path => $token, body => $body, headers => [[$override, 'POST']])->{status}, 400, "GET with $override: POST");
        is(seen(), 0, "GET with $override: not forwarded");
    }
    is($gate->request(path => $token, body => $body)->{status}, 200, 'POST passes');
    is(seen(), 1, 'and is forwarded');
};

subtest 'A18: headers that name another path or method decide nothing and go no further' => sub {
    my @claims = (['X-Forwarded-Uri', '/public'], ['X-Original-Method', 'GET'], ['X-Forwarded-For', '127.0.1.1'], ['Forwarded', 'for=127.0.1.1']);
    is($gate->request(path => $token, body => $body, headers => \@claims, from => outside)->{status}, 400, 'outside stays outside');
    is(seen(), 0, 'unseen');
    is($gate->request(path => $token, body => $body, headers => \@claims)->{status}, 200, 'inside stays inside');
    my ($saw) = $gate->provider_saw;
    unlike($saw, qr/^(?:X-Forwarded-Uri|X-Original-Method|Forwarded):/mi, 'the provider gets none of them');
    like($saw, qr/^X-Forwarded-For: 127\.0\.1\.1\r$/m, 'but the address of the connection');
    for my $claim (['X-Original-URL', '/public'], ['X-Rewrite-URL', '/public']) {
        is($gate->request(path => $token, body => $body, headers => [$claim])->{status}, 400, "$claim->[0] is refused");
        is(seen(), 0, "$claim->[0]: unseen");
    }
};

subtest 'A21: a preflight passes without a body, and teaches nothing' => sub {
    $gate->answers(tokens('alice', access_token => 'of-options', refresh_token => 'refresh-of-options'));
    is($gate->request(method => 'OPTIONS', path => $token, headers => [$asks], from => outside)->{status}, 200, 'from anywhere');
    is($gate->last_audit->{reason}, 'preflight', 'as what it is');
    is(seen(), 1, 'the provider answers it');
    is($gate->request(method => 'OPTIONS', path => $token, headers => [$asks, ['Content-Length', 0]])->{status}, 200, 'an empty body is none');
    seen();

    $gate->token({%refresh, refresh_token => 'refresh-of-options'}, path => $token);
    is($gate->last_audit->{phase}, 'response', 'a token in its answer is not remembered');
    $gate->token({%refresh, refresh_token => 'refresh-of-options'}, path => $token);
    is($gate->last_audit->{phase}, 'request', 'as the answer to a POST is');
    seen();

    my %bodies = (
        'a length' => [$body, ['Content-Length', length $body]],
        'chunks' => [sprintf("%x\r\n%s\r\n0\r\n\r\n", length $body, $body), ['Transfer-Encoding', 'chunked']],
        'no chunk' => ["0\r\n\r\n", ['Transfer-Encoding', 'chunked']],
    );
    for my $what (sort keys %bodies) {
        my ($text, @headers) = @{$bodies{$what}};
        like(json_error($gate->request(method => 'OPTIONS', path => $token, body => $text, headers => [$asks, ['Content-Type', 'application/x-www-form-urlencoded'], @headers])),
            qr/\A405 invalid_request/, "a body with $what is refused");
    }
    is($gate->request(method => 'OPTIONS', path => $token)->{status}, 405, 'OPTIONS that is no preflight');
    is($gate->request(method => 'OPTIONS', path => "$token?client_id=web", headers => [$asks])->{status}, 405, 'a preflight with parameters');
    is(seen(), 0, 'the provider sees none of these');
};

subtest 'A22: HEAD is judged as GET is' => sub {
    my $head = $gate->request(method => 'HEAD', path => $token);
    is($head->{status}, 405, 'at the token endpoint it is no POST');
    is_deeply([IPFence::Http::header($head, 'Allow')], ['POST'], 'which it says');
    is($head->{body}, '', 'without a body');
    is(seen(), 0, 'unseen');
    for my $case (['alice', inside, 200, 1], ['alice', outside, 403, 0], ['robin', outside, 200, 1]) {
        my ($user, $from, $status, $forwarded) = @$case;
        for my $method (qw(GET HEAD)) {
            $gate->answers(page($method eq 'GET' ? 'a form' : ''));
            my $response = $gate->request(method => $method, path => '/account/password', from => $from, headers => [['X-User', $user]], count => 1);
            is($response->{status}, $status, "$method of the password page by $user from $from");
            is(seen(), $forwarded, "$method by $user from $from: forwarded or not");
        }
    }
};

subtest 'A23: the API behind a page is judged as the page is, with any method and any body' => sub {
    $gate->answers(json_answer({}));
    my $json = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"password":"new"}';
    for my $door (['PATCH', '/scim/Users/1'], ['PUT', '/scim/Users/1'], ['DELETE', '/scim/Users/1'], ['POST', '/account/api/credentials'],
        ['POST', '/secur/forgotpassword'], ['QUERY', '/account/password']) {
        my ($method, $path) = @$door;
        for my $type ('application/json', 'application/scim+json', 'text/plain', 'multipart/form-data; boundary=x') {
            my %with = (method => $method, path => $path, body => $json, headers => [['X-User', 'alice'], ['Content-Type', $type]]);
            is($gate->request(%with, from => outside)->{status}, 403, "$method $path, $type: outside");
            is(seen(), 0, 'unseen');
            is($gate->request(%with)->{status}, 200, "$method $path, $type: inside");
            is((split /\r\n\r\n/, ($gate->provider_saw)[0], 2)[1], $json, 'with its body');
        }
    }
};

$gate->finish;
done_testing;
