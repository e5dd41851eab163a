# Answers of the authorization endpoint, and answers whose header names somebody, of which a client may read more than nginx does:
# interim ones, ones without a status line, and ones that say something twice. What is not read for certain does not leave.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    server => <<'CONF',
        proxy_read_timeout 1s;
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /unbuffered { ipfence authorization; proxy_buffering off; proxy_pass http://provider; }
        location /token { ipfence token; proxy_pass http://provider; }
        location /parts { ipfence authorization; proxy_force_ranges on; proxy_pass http://provider; }
        location /token_parts { ipfence token; proxy_force_ranges on; proxy_pass http://provider; }
        location /caught { ipfence authorization; proxy_intercept_errors on; error_page 404 =200 /page.html; proxy_pass http://provider; }
        location = /page.html { internal; ipfence off; alias DIR/page.html; }
        location /api { ipfence resource; ipfence_user $upstream_http_x_user; error_page 403 /page.html; proxy_pass http://provider; }
CONF
    expected_log => [qr/cannot be judged/, qr/upstream (?:sent|timed out|prematurely)/],
);
my $tokens = 'https://app.test/cb#access_token=canary&id_token=' . jwt({sub => 'alice', aud => 'web'});
my $redirect = redirect($tokens, 'Connection: close', set_cookie('sid', 'canary'));

sub asks { my ($path, $answer) = @_; $gate->answers($answer); return $gate->request(method => 'GET', path => "$path?client_id=web", from => outside, timeout => 4) }

# Newer nginx reads what comes behind early hints, and passes the first of two places on alone.
my $reads_behind_hints = nginx_since('1.29.0');
my $takes_first_place = nginx_since('1.23.0');
my $unreadable = ['502', 'response_unreadable'];
my $denied = ['403', 'outside_login_ip_ranges'];
my $passed = ['303', undef];
for my $case (
    ['an interim answer', "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n$redirect"],
    ['early hints', "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nConnection: close\r\n\r\n$redirect", $reads_behind_hints && $denied],
    ['an empty line', "\r\n$redirect"],
    ['a status line without a version', $redirect =~ s{HTTP/1.1}{HTTP}r],
    ['two places, the first with tokens', redirect('/next', "Location: $tokens") =~ s{(Location: /next\r\n)(Location: .*?\r\n)}{$2$1}sr,
        $takes_first_place && $denied],
    ['two places, the last with tokens', redirect('/next', "Location: $tokens"), $takes_first_place && $passed],
    ['two places in small letters', redirect('/next', "location: $tokens"), $takes_first_place && $passed],
    ['a coding and none', page('canary', 'Content-Encoding: gzip', 'Content-Encoding: identity')],
    ['none and a coding', page('canary', 'Content-Encoding: identity', 'Content-Encoding: gzip')],
    ['another protocol', "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nLocation: $tokens\r\n\r\n"],
) {
    my ($what, $answer, $otherwise) = @$case;
    my ($status, $reason) = @{$otherwise || $unreadable};
    for my $path ('/auth', '/unbuffered') {
        my $response = asks($path, $answer);
        unlike($gate->{last}{response}, qr/canary/, "$what ($path): nothing leaves");
        is($response->{status}, $status, "$what ($path): the gate answers");
        is($gate->last_audit->{reason}, $reason, "$what ($path): as what can be read of it says");
    }
}
is(asks('/auth', redirect('/next', 'Location: /other'))->{status}, $takes_first_place ? 303 : 502,
    'two places without tokens: which one the client follows is not known');
is(asks('/auth', redirect('/next'))->{status}, 303, 'one place');
is(asks('/auth', page('plain', 'Content-Encoding: identity'))->{status}, 200, 'the coding that is none');

# A client that asks for a part gets an answer whose length is what it says, and no more: the rest would be taken for the next one.
$gate->write_file('page.html', 'of the operator');
for my $case (
    ['/parts', page('of the provider')], ['/caught', "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"],
    ['/token_parts', tokens('alice', access_token => 'opaque')],
) {
    my ($path, $answer) = @$case;
    $gate->answers($answer);
    my %asks = $path =~ /token/ ? (body => form({grant_type => 'authorization_code', code => 'c', client_id => 'web'})) : (method => 'GET');
    my @whole = $gate->request(path => $path, %asks);
    for my $range ('bytes=0-3', 'bytes=2-', 'bytes=-2', 'bytes=0-1,3-4') {
        my @responses = $gate->request(path => $path, %asks, headers => [['Range', $range]]);
        is(scalar @responses, 1, "$path, $range: one answer, and nothing behind it");
        is("$responses[0]{status} $responses[0]{body}", "200 $whole[0]{body}", "$path, $range: the whole of it");
        is($gate->{last}{response} =~ /\r\n\r\n(.*)/s && length $1, length $whole[0]{body}, "$path, $range: as long as it says");
    }
}

my $page = page('canary', 'Connection: close', 'X-User: alice');
for my $case (
    ['an interim answer', "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n$page"],
    ['early hints', "HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n$page"],
    ['an empty line', "\r\n$page"],
    ['another protocol', "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSet-Cookie: a=canary\r\nX-User: alice\r\n\r\n"],
) {
    my ($what, $answer) = @$case;
    asks('/api', $answer);
    unlike($gate->{last}{response}, qr/canary/, "a name to come: $what: nothing leaves");
}

# Whom an answer is not for need not wait for its end, and gets the gate's words, whatever page there is for a location of another kind.
my $stream = "Connection: upgrade\r\nX-User: alice\r\n\r\ndata: canary\n\n";
for my $case (
    ['another protocol', "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n$stream"],
    ['an endless answer', "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n$stream", 3, $stream],
) {
    my ($what, @pieces) = @$case;
    $gate->answers([@pieces]);
    my $response = $gate->request(method => 'GET', path => '/api', from => outside, timeout => 2, keep_alive => 1, count => 1,
        headers => [['Upgrade', 'websocket'], ['Connection', 'upgrade']]);
    is(json_error($response // {status => 'none'}), '403 access_denied: ip restricted', "$what: is denied at once");
    like($gate->{last}{response}, qr/\r\nWWW-Authenticate: Bearer error="access_denied"/, "$what: with a challenge");
    unlike($gate->{last}{response}, qr/canary/, "$what: and nothing else");
}
$gate->finish;
done_testing;
