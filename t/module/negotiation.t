# A client that asks for a part of a token response, or for it in another form: the provider may do so, and what the gate
# cannot read whole does not go out (catalogue, group B).

use strict;
use warnings;
use Compress::Zlib qw(memGunzip);
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(policy => world(), http => 'ipfence_zone zone=tokens:1m; gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;', expected_log => [qr/cannot be judged/],
    server => <<'CONF');
        location /token { ipfence token; proxy_pass http://provider; }
        location /forced { ipfence token; proxy_force_ranges on; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /api { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider/introspection; }
CONF

my $count = 0;

# A code that nobody knows: only the answer says whose tokens these are.
sub redeem {
    my ($answer, %with) = @_;
    $gate->answers($answer);
    return $gate->token({grant_type => 'authorization_code', code => 'code-' . ++$count, client_id => 'web'}, %with);
}

sub answer {
    my ($status, $type, $body, @headers) = @_;
    return "HTTP/1.1 $status\r\nContent-Type: $type\r\n" . join('', map { "$_\r\n" } @headers) . "Content-Length: ${\ length $body}\r\n\r\n$body";
}

my $whole = tokens('alice', access_token => 'secret-1', refresh_token => 'secret-2');
my ($json) = $whole =~ /\r\n\r\n(.*)\z/s;
my $quarter = int length($json) / 4;

for my $header (['Range', 'bytes=0-40'], ['Range', 'bytes=-40'], ['If-Range', '"x"'], ['Accept', 'application/jwt'], ['Accept', 'text/xml;q=1, */*;q=0'], ['Accept-Encoding', 'gzip, br'], ['TE', 'gzip, trailers']) {
    my $asked = "$header->[0]: $header->[1]";
    my $response = redeem($whole, headers => [$header], from => inside);
    is("$response->{status} $response->{body}", "200 $json", "B23, B24: $asked: the answer of a provider that does not care");
    # nginx itself cuts what it is told to cut, after the gate has judged it whole.
    for my $path ('/token', '/forced') {
        is(json_error(redeem($whole, path => $path, headers => [$header], from => outside)), '400 invalid_grant: ip restricted', "B23, B24: $asked at $path: judged");
    }
    for my $saw ($gate->provider_saw) {
        like($saw, qr/^Accept-Encoding: identity\r$/mi, "B24: $asked: asked without a content coding");
        unlike($saw, qr/^(?:If-)?Range:/mi, "B23: $asked: and for all of it");
        unlike($saw, qr/^[^:\n]*:\s*$/m, "B23: $asked: with no empty header instead");
    }
}

my %other = (
    'B23: the beginning of it' => answer('206 Partial Content', 'application/json', substr($json, 0, $quarter), "Content-Range: bytes 0-${\ ($quarter - 1)}/${\ length $json}"),
    'B23: the end of it' => answer('206 Partial Content', 'application/json', substr($json, -$quarter), "Content-Range: bytes 9-10/${\ length $json}"),
    'B23: parts of it' => answer('206 Partial Content', 'multipart/byteranges; boundary=b', "--b\r\nContent-Type: application/json\r\n\r\n" . substr($json, 0, 300) . "\r\n--b--\r\n"),
    'B23: with an error for a status' => answer('416 Range Not Satisfiable', 'application/json', substr($json, 0, $quarter)),
    'B24: a JWT' => answer('200 OK', 'application/jwt', jwt({access_token => 'secret-1'})),
    'B24: a form' => answer('200 OK', 'application/x-www-form-urlencoded', 'access_token=secret-1&token_type=bearer'),
    'B24: a form that says that it is JSON' => answer('200 OK', 'application/json', 'access_token=secret-1&token_type=bearer'),
    'B24: XML' => answer('200 OK', 'text/xml', '<access_token>secret-1</access_token>'),
    'B24: a page' => answer('200 OK', 'text/html', '<input name="access_token" value="secret-1">'),
    'B24: a script' => answer('200 OK', 'text/javascript', "callback($json)"),
    'B24: compressed' => answer('200 OK', 'application/json', $json, 'Content-Encoding: gzip'),
    'B24: a form, as an error' => answer('400 Bad Request', 'application/x-www-form-urlencoded', 'access_token=secret-1'),
);
for my $what (sort keys %other) {
    for my $from (inside, outside) {
        my $response = redeem($other{$what}, from => $from);
        like(json_error($response), qr/\A502 server_error: /, "$what, from $from: withheld");
        unlike($response->{body}, qr/secret/, "$what, from $from: nothing of it goes out");
        is(scalar $gate->provider_saw, 1, "$what, from $from: the provider was asked once");
    }
}
for my $case (['304 Not Modified', 304], ['416 Range Not Satisfiable', 416], ['406 Not Acceptable', 406]) {
    is(redeem(answer($case->[0], 'text/plain', ''), from => outside)->{status}, $case->[1], "a $case->[0] without a token passes");
}
$gate->provider_saw;

# The gate reads a page without a content coding, and nginx may then send it in one.
for my $codings (['gzip'], ['br, gzip'], ['gzip', 'gzip']) {
    my @asked = map { ['Accept-Encoding', $_] } @$codings;
    my $login = '<p>Who are you?</p>' x 9;
    $gate->answers(answer('200 OK', 'text/html', $login));
    my $page = $gate->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => \@asked);
    is((IPFence::Http::header($page, 'Content-Encoding'))[0], 'gzip', "I02: a page for @$codings is compressed by nginx");
    is(memGunzip($page->{body}), $login, 'which changes nothing in it');
    $gate->answers(page(qq{<input name="id_token" value="${\ jwt({sub => 'alice', aud => 'web'})}">}));
    is($gate->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => \@asked)->{status}, 403, 'and hides nothing');
    my @saw = $gate->provider_saw;
    is(scalar(grep { !/^Accept-Encoding: identity\r$/mi || /gzip/ } @saw), 0, 'the provider was asked for none');
}

# What the gate asks for itself is not asked for in the client's form.
$gate->answers(json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web', exp => time + 600}), json_answer({}));
is($gate->request(method => 'GET', path => '/api', headers => [['Authorization', 'Bearer opaque'], ['Range', 'bytes=0-3'], ['Accept', 'application/token-introspection+jwt']])->{status}, 200,
    'B23, B24: an API request that asks so');
my ($introspection, $forwarded) = $gate->provider_saw;
unlike($introspection, qr/^(?:Range|Accept):.*(?:bytes|jwt)/mi, 'B23, B24: is no reason for the introspection to ask so');
like($forwarded, qr/^Range: bytes=0-3\r$/m, 'but is forwarded as it was');

$gate->finish;
done_testing;
