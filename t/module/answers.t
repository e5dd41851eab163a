# Answers that a provider should not give, and ways in which they arrive: judged like any other, or
# replaced.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Http;

my $gate = gate(
    server => <<'CONF',
        proxy_read_timeout 1500ms;
        location /token { ipfence token; proxy_pass http://provider; }
        location /unbuffered { ipfence token; proxy_buffering off; proxy_pass http://provider; }
        location /old { ipfence token; proxy_http_version 1.0; proxy_pass http://provider; }
        location /patient { ipfence token; proxy_read_timeout 30s; proxy_pass http://provider; }
        location /large { ipfence token; ipfence_response_limit 2m; proxy_read_timeout 60s; proxy_buffers 2 4k; proxy_buffer_size 4k;
            proxy_busy_buffers_size 4k; proxy_max_temp_file_size 8k; proxy_temp_file_write_size 8k; proxy_pass http://provider; }
        location /off { ipfence off; proxy_read_timeout 30s; proxy_pass http://provider; }
        location = /inner { internal; ipfence off; proxy_pass http://provider; }
        location = /file { internal; ipfence off; alias DIR/tokens; }
CONF
    expected_log => [qr/cannot be judged/, qr/ipfence_guard: refused/],
);
my %code = (grant_type => 'authorization_code', code => 'secret-code', client_id => 'web');
my $tokens = '{"access_token":"opaque-canary","id_token":"' . jwt({sub => 'alice'}) . '"}';
$gate->write_file('tokens', $tokens);

sub answer {
    my ($status, $body, @headers) = @_;
    return join "\r\n", "HTTP/1.1 $status", 'Content-Type: application/json', @headers,
        "Content-Length: ${\ length $body}", '', $body;
}

sub asks { my (%with) = @_; return $gate->token(\%code, from => outside, %with) }
sub leaks_nothing { my ($what) = @_; unlike($gate->{last}{response}, qr/canary|id_token/, "$what: no token leaves") }

# Whatever the status, tokens are tokens.
for my $status ('200 OK', '201 Created', '203 Non-Authoritative', '206 Partial Content', '299 Odd', '302 Found', '304 Not Modified',
    '400 Bad Request', '401 Unauthorized', '404 Not Found', '500 Broken', '503 Unavailable', '599 Odd', '600 Odder', '000 None', '099 Low') {
    for my $path ('/token', '/unbuffered', '/old') {
        $gate->answers(answer($status, $tokens));
        my $response = asks(path => $path);
        leaks_nothing("$status ($path)");
        next if $status =~ /\A304/;
        like($response->{status}, qr/\A(?:400|502)\z/, "$status ($path): is denied, or cannot be read");
    }
}

# What is no answer of this HTTP version at all.
for my $case (
    ['header-less', $tokens],
    ['a status line without a version', "HTTP 200 OK\r\n\r\n$tokens"],
    ['an interim answer', "HTTP/1.1 100 Continue\r\n\r\n" . answer('200 OK', $tokens)],
    ['early hints', "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" . answer('200 OK', $tokens)],
    ['two answers', answer('400 Bad Request', '{"error":"x"}') . answer('200 OK', $tokens)],
    ['more than announced', "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}$tokens"],
    ['bare line feeds', "HTTP/1.1 200 OK\nContent-Length: ${\ length $tokens}\n\n$tokens"],
    ['two lengths', answer('200 OK', $tokens, 'Content-Length: 5')],
    ['a length and chunks', answer('200 OK', $tokens, 'Transfer-Encoding: chunked')],
    ['a negative length', "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n$tokens"],
    ['endless headers', "HTTP/1.1 200 OK\r\nX: " . 'x' x 70_000 . "\r\n\r\n$tokens"],
    ['a coding that is gzip with a parameter', answer('200 OK', $tokens, 'Content-Encoding: gzip')],
    ['two codings', answer('200 OK', $tokens, 'Content-Encoding: identity', 'Content-Encoding: br')],
) {
    my ($what, $raw) = @$case;
    push @{$gate->{expected_log}}, qr/upstream (?:sent|prematurely|timed out)/;
    for my $path ('/token', '/unbuffered', '/old') {
        $gate->answers("$raw");
        asks(path => $path, timeout => 3);
        leaks_nothing("$what ($path)");
    }
}

# Slowly, in pieces, and never to the end.
my $whole = answer('200 OK', $tokens, 'Set-Cookie: kept=1');
for my $path ('/token', '/unbuffered') {
    $gate->answers([map { ($_, '0.01') } unpack '(a40)*', $whole]);
    is($gate->token(\%code, path => $path)->{body}, $tokens, "in slow pieces ($path): whole");
    is(asks(path => $path)->{status}, 400, "in slow pieces ($path): denied outside");
    leaks_nothing("in slow pieces ($path)");
    for my $cut (40, length($whole) - 5) {
        $gate->answers([substr($whole, 0, $cut), '1.2']);
        my $response = $gate->token(\%code, path => $path);
        cmp_ok($response->{status} // 0, '>=', 500, "stops after $cut bytes ($path): an error");
        leaks_nothing("stops after $cut bytes ($path)");
    }
}

# A client that leaves while its answer is held back takes nobody with it.
$gate->answers([substr($whole, 0, 100), '0.3', substr($whole, 100)]);
my $leaving = $gate->begin_form('/token', \%code, from => outside);
sleep 0.1;
close $leaving;
sleep 0.4;
$gate->answers($whole);
is($gate->token(\%code)->{body}, $tokens, 'after a client that left, the next one is served');

# X-Accel: the provider may send nginx elsewhere, but not around the verdict.
for my $target ('/inner', '/file') {
    $gate->answers(answer('200 OK', '', "X-Accel-Redirect: $target"), $whole);
    asks();
    leaks_nothing("X-Accel-Redirect to $target");
}
$gate->answers(answer('200 OK', $tokens, 'X-Accel-Buffering: no'));
is(asks()->{status}, 400, 'X-Accel-Buffering: no is held all the same');
leaks_nothing('X-Accel-Buffering: no');

# Large answers within the limit, and parts of answers.
for my $size (70_000, 300_000) {
    my $large = '{"access_token":"' . 'x' x $size . '","id_token":"' . jwt({sub => 'alice'}) . '"}';
    $gate->answers(answer('200 OK', $large));
    is($gate->token(\%code, path => '/large')->{body}, $large, "an answer of $size bytes is whole");
    is(asks(path => '/large')->{status}, 400, "an answer of $size bytes is denied outside");
}
for my $header (['Range', 'bytes=0-9'], ['If-None-Match', '"e"'], ['If-Modified-Since', 'Tue, 01 Jan 2030 00:00:00 GMT'], ['TE', 'trailers']) {
    my %raw;
    for my $path ('/patient', '/off') {
        $gate->answers(answer('200 OK', $tokens, 'Accept-Ranges: bytes', 'ETag: "e"', 'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT'));
        $gate->token(\%code, path => $path, headers => [$header]);
        ($raw{$path} = $gate->{last}{response}) =~ s/\r\nDate: [^\r]*//;
    }
    is($raw{'/patient'}, $raw{'/off'}, "$header->[0]: the same bytes as without the gate");
    $gate->answers(answer('200 OK', $tokens, 'Accept-Ranges: bytes', 'ETag: "e"'));
    is(asks(path => '/patient', headers => [$header])->{body}, '{"error":"invalid_grant","error_description":"ip restricted"}', "$header->[0]: a whole denial");
}
$gate->finish;
done_testing;
