# Where a request ends, and which of its lines count: what has two readings reaches nobody, and what is forwarded is
# framed anew (catalogue, group B).

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(policy => world(), http => 'ipfence_zone zone=tokens:1m; client_body_timeout 500ms;', server => <<'CONF');
        location /token { ipfence token; proxy_pass http://provider; }
        location /patient { ipfence token; client_body_timeout 2s; proxy_pass http://provider; }
        location /unbuffered { ipfence token; proxy_request_buffering off; proxy_pass http://provider; }
        location /named { ipfence token; ipfence_user $http_x_user "$http_x_domain-user"; ipfence_app $http_x_app; proxy_pass http://provider; }
        location /addressed { ipfence token; ipfence_client_address $http_x_client; proxy_pass http://provider; }
CONF
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $body = form(\%password);
my ($length, $hex) = (length $body, sprintf '%x', length $body);

sub request {
    my ($text, @headers) = @_;
    my $version = @headers && $headers[0] =~ m{\AHTTP/} ? shift @headers : 'HTTP/1.1';
    return "POST /token $version\r\n" . join('', map { "$_\r\n" } 'Host: gate.test', 'Connection: close',
        'Content-Type: application/x-www-form-urlencoded', @headers) . "\r\n$text";
}

# `judged`: decided by the policy, and forwarded as one request with one length and this body. `refused`: whoever asks
# gets an error, and the provider sees nothing.
sub fate {
    my ($bytes) = @_;
    my @met;
    for my $from (inside, outside) {
        my @responses = $gate->send_raw($bytes, from => $from, timeout => 3);
        my @saw = $gate->provider_saw;
        push @met, join(' ', map { $_->{status} } @responses) . ' ' . @saw;
        next unless @saw;
        my ($head, $data) = split /\r\n\r\n/, $saw[0], 2;
        return "forwarded with other framing: $head" if $head =~ /Transfer-Encoding/i || 1 != (() = $head =~ /^Content-Length: $length\r?$/mg);
        return "forwarded with another body: $data" if $data ne $body;
    }
    return 'judged' if "@met" eq '200 1 400 0';
    return 'refused' if 2 == grep { /\A(?:|[45]\d\d) 0\z/ } @met;
    return join ', ', @met;
}

my $chunked = 'Transfer-Encoding: chunked';
my $chunks = "$hex\r\n$body\r\n0\r\n\r\n";
my @framings = (
    ['B03', judged => 'a length', $body, "Content-Length: $length"],
    ['B03', judged => 'chunks', $chunks, $chunked],
    ['B03', judged => 'chunks, in capitals', $chunks, 'Transfer-Encoding: CHUNKED'],
    ['B03', refused => 'chunks and a length', $chunks, $chunked, "Content-Length: $length"],
    ['B03', refused => 'a length and chunks', $chunks, "Content-Length: ${\ length $chunks}", $chunked],
    ['B03', refused => 'chunks in HTTP/1.0', $chunks, 'HTTP/1.0', $chunked],
    ['B03', refused => 'two codings', $chunks, $chunked, $chunked],
    ['B03', refused => 'two lengths that agree', $body, "Content-Length: $length", "Content-Length: $length"],
    ['B03', refused => 'two lengths that differ', $body, "Content-Length: $length", 'Content-Length: 5'],
    (map { ['B03', refused => "the length '$_'", $body, "Content-Length: $_"] } "+$length", "0x$hex", '', "$length, $length", "-$length", "$length.0", "${length}a", '9' x 30),
    (map { ['B03', refused => "the coding '$_'", $chunks, "Transfer-Encoding: $_"] } 'gzip, chunked', 'chunked, chunked', 'identity', "\x0bchunked", 'chunked;a=b', 'xchunked', '"chunked"'),
    ['B03', refused => 'a space before the colon', $body, "Content-Length : $length"],
    ['B03', refused => 'a folded line', $body, "Content-Length:\r\n $length"],
    ['B04', judged => 'zeros before the size', "00000000$hex\r\n$body\r\n0\r\n\r\n", $chunked],
    ['B04', judged => 'the size in capitals', "\U$hex\E\r\n$body\r\n0\r\n\r\n", $chunked],
    ['B04', judged => 'an extension', "$hex;a=\"b&client_id=relaxed\"\r\n$body\r\n0;c\r\n\r\n", $chunked],
    ['B04', judged => 'a trailer, which is no header', "$hex\r\n$body\r\n0\r\nAuthorization: Basic cmVsYXhlZDpz\r\n\r\n", $chunked],
    ['B04', judged => 'many chunks', join('', map { "1\r\n$_\r\n" } split //, $body) . "0\r\n\r\n", $chunked],
    (map { ['B04', refused => "the size '$_'", "$_\r\n$body\r\n0\r\n\r\n", $chunked] } 'FFFFFFFFFFFFFFFF1', 'FFFFFFFFFFFFFFF0', "0x$hex", "+$hex", "-$hex", 'zz', '', "$hex$hex"),
    ['B04', refused => 'a chunk that is longer than it says', "1\r\n$body\r\n0\r\n\r\n", $chunked],
);
for my $case (@framings) {
    my ($id, $wanted, $what, @request) = @$case;
    is(fate(request(@request)), $wanted, "$id: $what: $wanted");
}
like(fate(request("$hex\n$body\n0\n\n", $chunked)), qr/\A(?:judged|refused)\z/, 'B04: lines of chunks that end with LF alone, which only older versions of nginx read');

# B08, B10, B11: lines that count once.
my $sized = "Content-Length: $length";
for my $case (
    ['B08', refused => 'a second Content-Type', 'Content-Type: application/json'], ['B08', refused => 'the same Content-Type twice', 'Content-Type: application/x-www-form-urlencoded'],
    ['B11', refused => 'two Authorizations', 'Authorization: Basic d2ViOnM=', 'Authorization: Basic cmVsYXhlZDpz'],
    ['B11', refused => 'two Authorizations that agree', 'Authorization: Basic d2ViOnM=', 'Authorization: Basic d2ViOnM='],
    ['B11', refused => 'two in one line', 'Authorization: Basic d2ViOnM=, Basic cmVsYXhlZDpz'], ['B11', refused => 'two schemes in one line', 'Authorization: Basic d2ViOnM=, Bearer x'],
    ['B11', judged => 'one Authorization', 'Authorization: Basic d2ViOnM='],
) {
    my ($id, $wanted, $what, @headers) = @$case;
    is(fate(request($body, $sized, @headers)), $wanted, "$id: $what: $wanted");
}
$gate->audit;
for my $case (
    ['one user', '/named', 200, 'robin', 'X-User: robin'], ['one app', '/named', 400, 'alice', 'X-User: alice', 'X-App: web'],
    ['two users', '/named', 400, undef, 'X-User: robin', 'X-User: alice'], ['two users, the other way', '/named', 400, undef, 'X-User: alice', 'X-User: robin'],
    ['the same user twice', '/named', 400, undef, 'X-User: robin', 'x-user: robin'], ['an empty one and a user', '/named', 400, undef, 'X-User:', 'X-User: robin'],
    ['two apps', '/named', 400, undef, 'X-User: robin', 'X-App: relaxed', 'X-App: web'], ['two parts of a name', '/named', 400, undef, 'X-Domain: a', 'X-Domain: b'],
) {
    my ($what, $path, $status, $user, @headers) = @$case;
    is($gate->token(\%password, path => $path, from => outside, headers => [map { [split /: ?/, $_, 2] } @headers])->{status}, $status, "B10: $what");
    my $line = $gate->last_audit;
    is($line->{user}, $user, "B10: $what: the user");
    is($line->{reason}, 'ambiguous_request', "B10: $what: has two readings") unless defined $user;
    is(scalar $gate->provider_saw, $status == 200 ? 1 : 0, "B10: $what: forwarded or not");
}
for my $case (['one', 200, '127.0.1.9'], ['two', 400, '127.0.1.9', '127.0.2.9'], ['two, the other way', 400, '127.0.2.9', '127.0.1.9'], ['an empty one first', 400, '', '127.0.1.9']) {
    my ($what, $status, @addresses) = @$case;
    is($gate->token(\%password, path => '/addressed', headers => [map { ['X-Client', $_] } @addresses])->{status}, $status, "C04: an address in a header of the deployment's: $what");
    is($gate->last_audit->{reason}, @addresses > 1 ? 'address_unknown' : 'login_ip_range', "C04: $what: the reason");
}
$gate->provider_saw;

# B18: what broke off is no request, although it would be one with what came.
for my $path ('/token', '/unbuffered') {
    for my $case (['of its length', $body, 'Content-Length: ' . ($length + 5)], ['within a chunk', "ff\r\n$body", $chunked], ['before the last chunk', "$hex\r\n$body\r\n", $chunked]) {
        my ($what, $sent, $header) = @$case;
        my $socket = $gate->connect_from(inside);
        syswrite $socket, request($sent, $header) =~ s{/token}{$path}r;
        $socket->shutdown(1);
        my ($response) = IPFence::Http::parse_responses(do { local $/; <$socket> } // '');
        ok(!$response || $response->{status} == 400, "B18: $path ends short $what: refused");
        is(scalar $gate->provider_saw, 0, "B18: $path ends short $what: unseen");
        ok(!grep({ $_->{decision} eq 'allow' } $gate->audit), "B18: $path ends short $what: nothing is allowed");
    }
}

# B17: who is told to go on and does not costs nobody else anything.
my @waiting = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $gate->{port}, LocalAddr => inside) } 1 .. 60;
syswrite $_, request('', $sized, 'Expect: 100-continue') =~ s{/token}{/patient}r for @waiting;
like(do { sysread $_, my $said, 1000; $said }, qr{\AHTTP/1\.1 100 }, 'B17: is told to go on') for @waiting[0, -1];
my $begun = time;
is($gate->request(body => $body)->{status}, 200, 'B17: another client is served');
is(scalar(grep { !IO::Select->new($_)->can_read(0) } @waiting[0, -1]), 2, 'B17: while the others wait');
is(scalar $gate->provider_saw, 1, 'B17: and is all that the provider sees');
for my $socket (@waiting[0, -1]) {
    my $rest = do { local $/; <$socket> };
    unlike($rest // '', qr/ 200 /, 'B17: their connections end with the time for bodies');
}
cmp_ok(time - $begun, '<', 8, 'B17: which nginx keeps');
is(scalar(grep { $_->{decision} eq 'allow' } $gate->audit), 1, 'B17: nor was anything else allowed');
is(scalar $gate->provider_saw, 0, 'B17: and nothing more arrives');

$gate->finish;
done_testing;
