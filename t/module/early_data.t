# TLS 1.3 early data can be replayed by whoever saw it, so nothing is decided by it (Q05).

use strict;
use warnings;
use Test::More;
use IPFence::Certificate;
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'robot', password => 'pw', client_id => 'web');
my $gate = gate(
    http => 'ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem; ssl_protocols TLSv1.3;',
    listen => 'ssl',
    files => {make_certificate()},
    server => <<'CONF',
        ssl_early_data on;
        location /token { ipfence token; proxy_pass http://provider; }
        location /page { ipfence password_change; proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
CONF
);

my $body = form(\%password);
my %requests = (
    '/token' => "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        . 'Content-Length: ' . length($body) . "\r\nConnection: close\r\n\r\n$body",
    map { $_ => "GET $_ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" } qw(/page /off),
);

# What openssl's client prints when it sends a request, as early data of a session that an earlier connection left
# behind, or after the handshake.
sub client_says {
    my ($path, $early) = @_;
    my ($session, $request) = map { $gate->file($_) } qw(session request);
    $gate->write_file('request', $requests{$path});
    my $client = "timeout 5 openssl s_client -connect 127.0.0.1:$gate->{port} -tls1_3 -ign_eof";
    return qx($client < $request 2>&1) unless $early;
    qx($client -sess_out $session < @{[$gate->file('first')]} 2>&1);
    return qx($client -sess_in $session -early_data $request < /dev/null 2>&1);
}
$gate->write_file('first', $requests{'/off'});

# On a busy machine the handshake may have ended before nginx looks at the request, which is then no early data any
# more (RFC 8470, section 3): another attempt.
sub early {
    my ($path, $expected) = @_;
    my $said;
    for (1 .. 20) {
        $gate->provider_saw;
        $said = client_says($path, 1);
        last if $said =~ qr{^HTTP/1\.1 $expected\b}m;
    }
    return $said;
}

for my $case (['/token', 200, 425], ['/page', 200, 425], ['/off', 200, 200]) {
    my ($path, $after_handshake, $early) = @$case;
    like(client_says($path), qr{^HTTP/1\.1 $after_handshake\b}m, "$path after the handshake");
    my $said = early($path, $early);
    like($said, qr/Early data was accepted/, "$path as early data, which nginx takes");
    like($said, qr{^HTTP/1\.1 $early\b}m, "Q05: $path answers $early");
    like($said, qr/"title":"Too Early","status":425,/, 'which a page says of itself') if $path eq '/page';
    my @seen = grep { m{\A\w+ \Q$path\E } } $gate->provider_saw;
    is(scalar @seen, $path eq '/off' ? 2 : 0, 'what the provider saw (with the connection before it)');
}

$gate->finish;
done_testing;
