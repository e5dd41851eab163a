# Two names at one address: what is decided is what the server says that the request names, and not the server that the
# handshake or the client's other requests named (catalogue: A14, Q06).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Certificate;
use IPFence::Gate;
use IPFence::Http;

my $open = {
    ipfence => 1,
    organization => {default_profile => 'anywhere'},
    profiles => {anywhere => {unrestricted => JSON::PP::true}},
    users => {alice => 'anywhere'},
    apps => {web => {}},
};
# The first server decides by another policy, or not at all; `mutual` asks for the client's certificate.
my $gate = gate(
    listen => 'ssl http2',
    files => {make_certificate(), 'open.json' => encode_json($open)},
    http => 'ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem;',
    server => <<'CONF',
        server_name public.test;
        ipfence_policy open.json;
        location /token { ipfence token; proxy_pass http://provider; }
        location /other { ipfence off; proxy_pass http://provider; }
    }
    server {
        listen 127.0.0.1:PORT ssl;
        server_name gate.test;
        location / { ipfence token; proxy_pass http://provider; }
    }
    server {
        listen 127.0.0.1:PORT ssl;
        server_name mutual.test;
        ssl_verify_client on;
        ssl_client_certificate DIR/cert.pem;
        location / { ipfence token; proxy_pass http://provider; }
CONF
);

my $body = form({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'});
$gate->write_file('body', $body);

# The status of a token request, and how many the provider saw. `version` is curl's option.
sub met {
    my ($name, $host, $from, %with) = @_;
    my $certificate = $with{certificate} ? "--cert @{[$gate->file('cert.pem')]} --key @{[$gate->file('key.pem')]}" : '';
    my $version = $with{version} // '--http1.1';
    my $path = $with{path} // '/token';
    my $status = qx(curl -sk -o /dev/null -w '%{http_code}' $version $certificate --interface $from --resolve $name:$gate->{port}:127.0.0.1 -H 'Host: $host' --data-binary \@@{[$gate->file('body')]} https://$name:$gate->{port}$path);
    return "$status " . (() = $gate->provider_saw);
}

for my $version ('--http1.1', '--http2') {
    for my $case (
        ['public.test', 'public.test', '/token', '200 1', 'the open server'], ['gate.test', 'gate.test', '/token', '400 0', 'the guarded one'],
        ['public.test', 'gate.test', '/token', '400 0', 'a handshake with the open one'], ['public.test', 'gate.test', '/other', '400 0', 'a path that only the open one leaves alone'],
        ['public.test', 'GATE.test.', '/token', '400 0', 'another spelling of its name'], ['gate.test', 'public.test', '/token', '200 1', 'a handshake with the guarded one'],
    ) {
        my ($name, $host, $path, $outside, $what) = @$case;
        is(met($name, $host, outside, path => $path, version => $version), $outside, "Q06: $what ($name, Host $host, $version): outside");
        is(met($name, $host, inside, path => $path, version => $version), '200 1', "Q06: $what ($version): inside");
    }
    for my $case (
        ['mutual.test', 'mutual.test', '200 1', 'with its certificate', 1], ['mutual.test', 'mutual.test', '400 0', 'without one', 0],
        ['public.test', 'mutual.test', '421 0', 'a handshake that did not ask for one', 0], ['public.test', 'mutual.test', '421 0', 'the same, with one', 1],
    ) {
        my ($name, $host, $met, $what, $certificate) = @$case;
        is(met($name, $host, inside, certificate => $certificate, version => $version), $met, "Q06: a server that asks for a certificate, $what ($version)");
    }
}

# The requests of one connection: each has its own server.
my $policy = sub { return join ' ', map { "$_->{decision} " . ($_->{profile} // '-') } $gate->audit };
$gate->audit;
my $request = sub { my ($host, $close) = @_; return "POST /token HTTP/1.1\r\nHost: $host\r\n" . ($close ? "Connection: close\r\n" : '')
    . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${\ length $body}\r\n\r\n$body" };
$gate->write_file('requests', $request->('gate.test') . $request->('public.test') . $request->('gate.test', 1));
my $said = qx(timeout 5 openssl s_client -quiet -bind 127.0.2.1 -servername public.test -connect 127.0.0.1:$gate->{port} -ign_eof < @{[$gate->file('requests')]} 2>/dev/null);
is(join(' ', $said =~ m{HTTP/1\.1 (\d+)}g), '400 200 400', 'A14, Q06: three requests of a connection to two servers');
is($policy->(), 'deny office allow anywhere deny office', 'by the policy of each');

$gate->finish;
done_testing;
