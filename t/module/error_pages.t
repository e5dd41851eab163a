# Error pages of nginx's in the place of answers that are withheld, and as answers that are judged: whole, whoever serves them, and
# nothing that the gate still has to do is lost with them.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=learned:1m; ipfence_revocation /revoke; send_timeout 8s; proxy_cache_path DIR/cache keys_zone=answers:1m;
        map $uri $soft { volatile; ~token resource; ~page password_change; default nonsense; }',
    server => <<'CONF',
        location /small { ipfence authorization; error_page 403 /small.html; proxy_pass http://provider; }
        location /large { ipfence authorization; error_page 403 /large.html; proxy_pass http://provider; }
        location /proxied { ipfence authorization; error_page 403 = @proxied; proxy_pass http://provider; }
        location /named { ipfence password_change; ipfence_user $upstream_http_x_user; error_page 403 = @proxied; proxy_pass http://provider; }
        location /limited {
            ipfence authorization; ipfence_response_limit 1k; proxy_pass http://provider;
            location /limited/large { ipfence authorization; proxy_pass http://provider; error_page 502 /large.html; }
            location /limited/none { ipfence authorization; proxy_pass http://provider; }
            location /limited/proxied { ipfence authorization; proxy_pass http://provider; error_page 502 = @proxied; }
            location /limited/small { ipfence authorization; proxy_pass http://provider; error_page 502 /small.html; }
            location /limited/unbuffered { ipfence authorization; proxy_pass http://provider; error_page 502 = @proxied; proxy_buffering off; }
            location /limited/cached { ipfence authorization; proxy_pass http://provider; error_page 502 = @proxied; proxy_cache answers; proxy_cache_valid 200 1m; proxy_ignore_headers Set-Cookie; }
        }
        location /posted { ipfence authorization; ipfence_body_limit 1k; proxy_pass http://provider;
            location /posted/small { ipfence authorization; error_page 413 /small.html; proxy_pass http://provider; }
            location /posted/large { ipfence authorization; error_page 413 /large.html; proxy_pass http://provider; }
            location /posted/proxied { ipfence authorization; error_page 413 = @proxied; proxy_pass http://provider; }
            location /posted/decided { ipfence authorization; error_page 413 /decided; proxy_pass http://provider; }
            location /posted/none { ipfence authorization; proxy_pass http://provider; }
        }
        location /absent/found { ipfence off; root DIR; error_page 404 =200 /decided; }
        location /absent/token { ipfence off; root DIR; error_page 404 405 =200 @token; }
        location /absent/none { ipfence off; root DIR; error_page 404 /decided; }
        location @token { ipfence token; proxy_pass http://provider; }
        location /decided { ipfence resource; proxy_pass http://provider; }
        location /cut { ipfence authorization; error_page 502 = @proxied; proxy_pass http://provider; }
        location /caught { ipfence authorization; proxy_intercept_errors on; error_page 404 /small.html; error_page 400 = @proxied; proxy_pass http://provider; }
        location /roomy { ipfence authorization; ipfence_response_limit 1m; proxy_intercept_errors on; error_page 404 /roomy.html; proxy_pass http://provider; }
        location /token { ipfence token; proxy_intercept_errors on; error_page 500 502 503 504 /small.html; proxy_pass http://provider; }
        location /asking { ipfence off; auth_request /asked; proxy_pass http://provider; }
        location = /asked { internal; ipfence password_change; ipfence_user $upstream_http_x_user; error_page 403 /small.html; proxy_pass http://provider; }
        location /soft/token { ipfence off; auth_request /soft/token/asked; proxy_pass http://provider; }
        location /soft/page { ipfence off; auth_request /soft/page/asked; proxy_pass http://provider; }
        location /soft/name { ipfence off; auth_request /soft/name/asked; proxy_pass http://provider; }
        location /soft/odd { ipfence off; auth_request /soft/odd/asked; proxy_pass http://provider; }
        location ~ ^/soft/(token|page)/asked$ { internal; ipfence $soft; error_page 401 403 =200 /small.html; proxy_pass http://provider; }
        location = /soft/name/asked { internal; ipfence password_change; ipfence_user $upstream_http_x_user; error_page 403 = @soft; proxy_pass http://provider; }
        location = /soft/odd/asked { internal; ipfence $soft; error_page 403 =200 /small.html; proxy_pass http://provider; }
        location @soft { internal; ipfence off; return 200 soft; }
        location ~ \.html$ { internal; ipfence off; root DIR; }
        location @proxied { internal; ipfence off; rewrite ^ /page break; proxy_pass http://127.0.0.1:PORT; }
        location = /page { ipfence off; return 403 "a page of another server\n"; }
        location = /revoke { internal; ipfence off; proxy_pass http://provider/revocation; }
CONF
    expected_log => [qr/cannot be judged/, qr/which is no kind/],
);
my %pages = ('/small' => "a page\n", '/large' => 'x' x 8_000_000, '/proxied' => "a page of another server\n");
$gate->write_file('small.html', $pages{'/small'});
$gate->write_file('large.html', $pages{'/large'});
my $implicit = redirect('https://app.test/cb#access_token=canary&id_token=' . jwt({sub => 'alice', aud => 'web'}), set_cookie('sid', 'canary'));

sub authorizes { my ($path) = @_; return $gate->request(method => 'GET', path => "$path?client_id=web", from => outside, keep_alive => 1, count => 1) }

# So many more than before, as nginx says when it has the answer.
my $revoked = 0;
sub is_revoked {
    my ($more, $what) = @_;
    $revoked += $more;
    ok(wait_for(sub { $revoked == $gate->times_logged(qr/withheld access token was revoked/) }, 1), $what);
}

for my $path (sort keys %pages) {
    $gate->answers($implicit, page('revoked'));
    my $response = authorizes($path);
    is($response->{status}, 403, "$path: a denied answer has the operator's page");
    ok($response->{body} eq $pages{$path}, "$path: the whole of it");
    unlike($gate->{last}{response}, qr/canary/, "$path: and nothing of the provider's");
    is_revoked(1, "$path: what was withheld is revoked");

    $gate->answers($implicit, page('revoked'), $implicit, page('revoked'));
    my $request = "GET $path?client_id=web HTTP/1.1\r\nHost: x\r\n\r\n";
    my @responses = $gate->send_raw($request x 2, from => outside, count => 2);
    is(join(' ', map { $_->{status} } @responses), '403 403', "$path: the connection goes on");
    is_revoked(2, "$path: and what was withheld then is revoked, too");
}

# Denied by a header, as a subrequest, and where the answer is too large or breaks off.
for my $method (qw(GET HEAD)) {
    $gate->answers(page('canary', 'X-User: alice', 'X-More: canary'));
    my $response = $gate->request(method => $method, path => '/named', from => outside);
    is($response->{status}, 403, "$method: an answer that names somebody whom it is not for");
    is($response->{body}, $pages{'/proxied'}, "$method: has the page") if $method eq 'GET';
    unlike($gate->{last}{response}, qr/canary/, "$method: and nothing else");
}
for my $case (['alice', 403], ['robin', 200]) {
    my ($user, $status) = @$case;
    $gate->answers(page('asked', "X-User: $user"), page('answered'));
    is($gate->request(method => 'GET', path => '/asking', from => outside)->{status}, $status, "asked by auth_request: $user");
}
# A denial that auth_request asks for stays one, whatever page there is for it.
$gate->answers(tokens('alice', access_token => 'soft'));
$gate->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'});
$gate->answers(page('answered', 'X-User: alice'));
for my $case (['token', 200, 403], ['page', 200, 403], ['name', 200, 403], ['odd', 403, 403]) {
    my ($name, @statuses) = @$case;
    my @headers = $name eq 'name' ? () : ['Authorization', 'Bearer soft'];
    is(join(' ', map { $gate->request(method => 'GET', path => "/soft/$name", from => $_, headers => \@headers)->{status} } inside, outside),
        "@statuses", "asked by auth_request, $name: inside and outside");
}
my $endless = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" . 'x' x 2000 . "\r\n";
for my $case (
    [small => 502, $pages{'/small'}], [large => 502, $pages{'/large'}], [none => 502, qr/"Bad Gateway"/],
    map { [$_ => 403, $pages{'/proxied'}] } qw(proxied unbuffered cached),
) {
    my ($name, $status, $body) = @$case;
    $gate->answers($endless);
    my $limited = authorizes("/limited/$name");
    is($limited->{status}, $status, "too large, $name: the status");
    ok(ref $body ? $limited->{body} =~ $body : $limited->{body} eq $body, "too large, $name: the whole page");
    is($gate->last_audit->{reason}, 'response_too_large', "too large, $name: is audited as such");
}
$gate->answers(page('kept'));
is(authorizes('/limited/cached')->{body}, 'kept', 'too large: nothing of it is in the cache');
$gate->answers("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\nConnection: close\r\n\r\ncanary");
my $cut = authorizes('/cut');
is("$cut->{status} $cut->{body}", "403 $pages{'/proxied'}", 'broken off: the page');

# A denial where an error page has led has its own status, and what passes has the one that nginx is told to give it.
for my $case (['/absent/token', 200], ['/absent/found', 200], ['/absent/none', 404]) {
    my ($path, $status) = @$case;
    my %parameters = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
    $gate->answers(tokens('alice', access_token => 'canary'));
    for my $from ([outside, $path =~ /token/ ? 400 : 403], [inside, $status]) {
        my $answer = $path =~ /token/ ? $gate->token(\%parameters, path => $path, from => $from->[0])
            : $gate->request(method => 'GET', path => $path, from => $from->[0], headers => [['Authorization', 'Bearer canary']]);
        is($answer->{status}, $from->[1], "$path: the status from $from->[0]");
    }
}

# In the place of a form that is too large, of which the client says so before, or not; the gate's own words, where there is no page.
my $form = 'x=' . 'y' x 3000;
my $chunks = join('', map { sprintf "%x\r\n%s\r\n", length, $_ } unpack '(a1000)*', $form) . "0\r\n\r\n";
$gate->provider_saw;
for my $case (
    [small => 413, $pages{'/small'}], [large => 413, $pages{'/large'}], [proxied => 403, $pages{'/proxied'}],
    [none => 413, qr/"Content Too Large"/], [decided => 403, qr/"access_denied"/],
) {
    my ($name, $status, $body) = @$case;
    for my $with ({body => $form}, {body => $chunks, headers => [['Transfer-Encoding', 'chunked']]},
        {body => $chunks, headers => [['Transfer-Encoding', 'chunked']], segments => 700}) {
        my $what = "a form too large, $name, " . (!$with->{headers} ? 'as it says' : $with->{segments} ? 'bit by bit' : 'in chunks');
        $gate->audit;
        my $answer = $gate->request(path => "/posted/$name", %$with);
        is($answer->{status}, $status, "$what: the status");
        ok(ref $body ? $answer->{body} =~ $body : $answer->{body} eq $body, "$what: the whole page");
        is(join(' ', map { "$_->{phase} $_->{reason}" } $gate->audit),
            'request request_too_large' . ($name eq 'decided' ? ' request already_denied' : ''), "$what: is audited");
        is(scalar $gate->provider_saw, 0, "$what: and nobody is asked");
    }
}

# Pages that nginx serves in the place of the provider's, before anything is judged.
for my $case (['404 Not Found', "404 $pages{'/small'}"], ['400 Bad Request', "403 $pages{'/proxied'}"]) {
    my ($status, $wanted) = @$case;
    $gate->answers("HTTP/1.1 $status\r\nContent-Length: 2\r\n\r\nno");
    my $response = authorizes('/caught');
    is("$response->{status} $response->{body}", $wanted, "$status, which nginx replaces");
}
my $roomy = 'y' x 300_000;    # more than nginx reads of a file at once
$gate->write_file('roomy.html', $roomy);
$gate->answers("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
ok(authorizes('/roomy')->{body} eq $roomy, 'a page that comes in parts is whole');
$gate->answers("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno");
my $busy = $gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, from => outside);
is("$busy->{status} $busy->{body}", "503 $pages{'/small'}", 'token: a page of nginx\'s');
is($gate->last_audit->{reason}, 'no_token_issued', 'issues no token');
$gate->write_file('small.html', '{"access_token":"canary"}');
$gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, from => outside);
unlike($gate->{last}{response}, qr/canary/, 'token: a file with tokens is judged');

$gate->answers([$endless, 60]);
is(authorizes('/limited/proxied')->{status}, 403, 'the rest of an answer that is too large is not waited for');
$gate->finish;

# Requests whose first line nginx could not read have no headers, not even none of them.
my $unread = gate(policy => world(), server => 'error_page 400 414 505 /page; location = /page { ipfence authorization; proxy_pass http://provider; }');
$unread->answers(page('a page of the provider'));
my ($worker) = $unread->workers;
for my $line ('GARBAGE', 'GET / HTTP/9.9', 'GET /%00 HTTP/1.1', 'GET /' . 'a' x 10_000 . ' HTTP/1.1', 'GET http://[x HTTP/1.1') {
    my $response = $unread->send_raw("$line\r\nHost: x\r\n\r\n");
    like($response->{status}, qr/\A(?:400|414|505)\z/, substr($line, 0, 20) . ': is refused');
    is($response->{body}, 'a page of the provider', 'with the page, which is judged');
}
is(($unread->workers)[0], $worker, 'and the worker lives');
$unread->finish;
done_testing;
