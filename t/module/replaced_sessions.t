# Sessions in whose place an answer puts another one, where it is not decided by them: without continuous IP
# enforcement, by a token, or at an endpoint that is not for browsers, as Zitadel does with every answer. Who had stolen the cookie must not shake off by it whose the session is.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::World;

my @kinds = qw(resource password_change verification_registration login_flow);
my $locations = join '', map { "location /$_ { ipfence $_; proxy_pass http://provider; }\n" } @kinds;
my $login_only = world(continuous_ip_enforcement => JSON::PP::false);

my $count = 0;

# The status of an authorization request, outside, in a session in whose place `page` has put another one.
sub code_outside {
    my ($gate, $session, $path, %with) = @_;
    my $new = 'new-' . ++$count;
    my ($cookie, $headers, $page_at) = (delete @with{qw(cookie headers page_at)});
    $page_at //= $gate;
    $page_at->answers(page('ok', set_cookie('sid', $new)));
    is($page_at->request(method => 'GET', path => $path, from => outside, headers => [['Cookie', $cookie // "sid=$session"], @{$headers // []}], %with)->{status}, 200,
        "a page at $path");
    $gate->answers(redirect("https://app.test/cb?code=$new"));
    return $gate->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => [['Cookie', "sid=$new"]])->{status};
}

sub alone {
    my (%given) = @_;
    return nodes(1, no_store => 1, server_more => $locations, %given);
}

sub denies_what_replaces {
    my ($gate, $what) = @_;
    my $session = 'session-' . login($gate, app => 'web');
    is(code_outside($gate, $session, "/$_"), 403, "$what: $_") for @kinds;
    is(code_outside($gate, $session, '/resource', cookie => qq(sid="$session")), 403, "$what: by a cookie in quotes");
    is(code_outside($gate, $session, '/resource', method => 'HEAD'), 403, "$what: of a HEAD");
    is(code_outside($gate, 'unseen', '/resource'), 303, "$what: in the place of one that nobody saw");
}

my ($without) = alone(policy => $login_only);
denies_what_replaces($without, 'where nothing is decided there');
$without->finish;

my ($candidate) = alone(policy => $login_only, http => 'ipfence_candidate next.json;',
    files => {'next.json' => JSON::PP->new->encode(world())});
denies_what_replaces($candidate, 'for the sake of a candidate alone');
$candidate->answers(page('ok'));
is($candidate->request(method => 'GET', path => '/login_flow', from => outside, headers => [['Cookie', 'sid=unseen']])->{status}, 200, 'which keeps none from passing');
$candidate->finish;

my ($crowded) = alone(policy => $login_only);
for my $headers ([['Cookie', join '; ', map { "SID=$_" } 1 .. 9]], [map { ['Cookie', "a$_=b"] } 1 .. 17], [['Cookie', 'a=b;' x 1001]],
    [['Cookie', 'a=b' . ';' x 2000]]) {
    my @statuses = map { $crowded->request(method => 'GET', path => "/$_", from => outside, headers => $headers)->{status} } @kinds;
    is("@statuses", '400 400 400 400', 'with more cookies than are looked at nothing passes');
    is($crowded->last_audit->{reason}, 'ambiguous_request', 'as its audit line says');
}
is(scalar $crowded->provider_saw, 0, 'and no provider sees it');
$crowded->finish;

my ($with_token) = alone();
my $number = login($with_token);
is(code_outside($with_token, 'session-' . login($with_token, app => 'web'), '/resource', headers => [['Authorization', "Bearer access-$number"]]), 403,
    "by a token of one's own");
$with_token->finish;

my ($endpoints) = alone(server_more => 'location /verify { ipfence verification; proxy_pass http://provider; }');
# The same of an answer of one of these; `answer` is a page that has no tokens.
sub code_after {
    my ($path, $parameters, $answer, %with) = @_;
    my ($session, $new) = ('session-' . login($endpoints, app => 'web'), 'new-' . ++$count);
    $endpoints->answers($answer->(set_cookie('sid', $new)));
    $endpoints->request(path => $path, from => outside, headers => [['Cookie', "sid=$session"], @{delete $with{headers} // []}], body => $parameters, %with);
    $endpoints->answers(redirect("https://app.test/cb?code=$new"));
    return $endpoints->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => [['Cookie', "sid=$new"]])->{status};
}
my $error = sub { my ($line) = @_; return json_answer({error => 'invalid_request'}, '400 Bad Request') =~ s/\r\n/\r\n$line\r\n/r };
is(code_after('/token', 'grant_type=authorization_code&code=none&client_id=web', $error), 403, 'the token endpoint');
is(code_after('/token', '', $error, method => 'OPTIONS', headers => [['Access-Control-Request-Method', 'POST']]), 403, 'and a preflight there');
is(code_after('/revoke', 'token=none', $error), 403, 'the revocation endpoint');
is(code_after('/logout', 'logout=yes', $error), 403, 'a logout that fails');
is(code_after('/logout', 'logout=yes', sub { page('bye', @_) }), 303, 'but not one that ends the session: the next one may be of somebody else');

for my $path ('/verify', '/auth') {
    my $session = 'session-' . login($endpoints, app => 'web');
    $endpoints->answers(page('Sign out?'));
    $endpoints->request(path => '/logout', headers => [['Cookie', "sid=$session"]], body => 'x=1');
    is(code_outside($endpoints, $session, $path), 403, "of one that was forgotten and goes on, at $path");
}
# As many spellings or lines as nobody looks into: no kind of request takes them, or what replaces the session would be nobody's.
my @too_many = (
    ['readings', [['Cookie', join '; ', 'sid=SESSION', map { "SID=$_" } 1 .. 8]]],
    ['lines', [['Cookie', 'sid=SESSION'], map { ['Cookie', "a$_=b"] } 1 .. 16]],
);
my $page = sub { page('ok', @_) };
for my $case (@too_many) {
    my ($name, $lines) = @$case;
    for my $path (qw(/token /revoke /logout /verify)) {
        my ($session, $new) = ('session-' . login($endpoints, app => 'web'), 'new-' . ++$count);
        $endpoints->answers($page->(set_cookie('sid', $new)));
        $endpoints->provider_saw;
        my @headers = map { [$_->[0], $_->[1] =~ s/SESSION/$session/r] } @$lines;
        my $status = $endpoints->request(path => $path, from => outside, headers => \@headers, body => 'grant_type=authorization_code&code=none&client_id=web')->{status};
        is("$status " . scalar $endpoints->provider_saw, '400 0', "too many $name at $path");
    }
}
my @several = ([['Cookie', 'sid=SESSION'], map { ['Cookie', "a$_=b"] } 1 .. 15], [['Cookie', join '; ', 'sid=SESSION', map { "a$_=b" } 1 .. 60]]);
for my $lines (@several) {
    my $session = 'session-' . login($endpoints, app => 'web');
    my ($first, @more) = map { [$_->[0], $_->[1] =~ s/SESSION/$session/r] } @$lines;
    is(code_outside($endpoints, $session, '/verify', cookie => $first->[1], headers => \@more), 403, 'but as many as browsers have');
}

# Of two cookies of one name a browser keeps the last; who is none takes either.
for my $path ('/verify', '/auth') {
    my $session = 'session-' . login($endpoints, app => 'web');
    my @both = map { "both-$_-" . ++$count } qw(first last);
    $endpoints->answers(page('ok', map { set_cookie('sid', $_) } @both));
    $endpoints->request(method => 'GET', path => $path, headers => [['Cookie', "sid=$session"]]);
    for my $new (@both) {
        $endpoints->answers(redirect("https://app.test/cb?code=of-$new"));
        is($endpoints->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => [['Cookie', "sid=$new"]])->{status}, 403, "$new at $path");
    }
}
$endpoints->finish;

my $redis = redis();
my @nodes = nodes(2, store => $redis->url, policy => $login_only, server_more => $locations);
is(code_outside($nodes[0], 'session-' . login($nodes[0], app => 'web'), '/password_change', page_at => $nodes[1]), 403, 'at a node that has not seen the session');
$redis->stop;
$nodes[1]->answers(page('ok'));
is($nodes[1]->request(method => 'GET', path => '/resource', from => outside, headers => [['Cookie', 'sid=any']])->{status}, 200, 'without the store the page passes');
$_->finish for reverse @nodes;
done_testing;
