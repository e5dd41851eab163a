# An offer to go on with another version of HTTP (Upgrade: h2c), which a configuration forwards as it does a WebSocket's: what
# is asked behind it would be decided by nobody, so nginx gives up HTTP for no such protocol.

use strict;
use warnings;
use IO::Select;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Http2 qw(ask);
use IPFence::World;

my $gate = gate(
    policy => world(),
    server => <<'CONF',
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        location /api { ipfence resource; proxy_pass http://provider; }
        location /page { ipfence login_flow; proxy_pass http://provider; }
        location /logout { ipfence logout; proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
        location /watched { ipfence resource; ipfence_mode monitor; proxy_pass http://provider; }
CONF
);
my $body = form({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'});
my $smuggled = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    . "Content-Length: ${\ length $body}\r\n\r\n$body";

# Offers these protocols, and asks for tokens behind that: whether the provider, which takes the offer, saw the offer, and
# the request behind it.
sub fate {
    my ($path, @offers) = @_;
    $gate->provider_saw;
    $gate->answers("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    my $socket = $gate->connect_from(outside);
    my $lines = join '', map { "Upgrade: $_\r\n" } @offers;
    syswrite $socket, "GET $path HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n${lines}HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    my $answer = '';
    sysread $socket, $answer, 65536 if IO::Select->new($socket)->can_read(2);
    local $SIG{PIPE} = 'IGNORE';
    syswrite $socket, $smuggled;
    sleep 0.2;
    close $socket;
    sleep 0.1;
    my @saw = $gate->provider_saw;
    my $is_offered = @saw && $saw[0] =~ /^Upgrade:[^\r]*\w/mi ? 'offered' : 'not offered';
    return join ', ', $is_offered, (grep { m{\APOST /token} } @saw) ? 'smuggled' : 'not smuggled';
}

for my $offer ('h2c', 'H2C', 'websocket, h2c', "foo/1 ,\th2c", 'h2c,', 'HTTP/2.0', 'TLS/1.0') {
    is(fate('/api', $offer), 'not offered, not smuggled', "$offer is taken away");
}
is(fate('/api', 'websocket', 'h2c'), 'not offered, not smuggled', 'in a second line, too');
is(fate($_, 'h2c'), 'not offered, not smuggled', "at $_, too") for '/page', '/logout';
is(fate('/off', 'h2c'), 'offered, not smuggled', 'where ipfence is off the guard takes no answer to it');
for my $offer ('websocket', 'h2cc', 'SPDY/3.1', 'websocket, x-http') {
    is(fate('/api', $offer), 'offered, smuggled', "$offer is another protocol, and stays");
}
is(fate('/watched', 'h2c'), 'offered, smuggled', 'monitor mode changes nothing');
$gate->finish;

# HTTP/2 has no such offer (RFC 9113, section 8.6), and nginx cannot keep one: its connection has other streams.
my $gate2 = gate(
    policy => world(continuous_ip_enforcement => JSON::PP::false),
    listen => 'http2',
    server => <<'CONF',
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        location /api { ipfence resource; proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
CONF
);
$gate2->answers("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n");
for my $path ('/api', '/off') {
    ask($gate2->{port}, from => inside, fields => [[':method', 'GET'], [':scheme', 'http'], [':authority', 'gate.test'], [':path', $path],
        ['connection', 'upgrade'], ['upgrade', 'websocket']]);
    my @saw = $gate2->provider_saw;
    is(scalar(@saw), nginx_since('1.31.0') ? 0 : 1, "$path: over HTTP/2 the request is forwarded, or refused by newer versions of nginx");
    is(scalar(grep { /^Upgrade:[^\r]*\w/mi } @saw), 0, "$path: without the offer") if $path eq '/api';
}
$gate2->finish;
done_testing;
