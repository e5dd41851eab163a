# Whose address it is: a trusted proxy's word, a variable, or the connection, and never a guess.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

# The policy allows 203.0.113.0/24 and 2001:db8::/32; 127.0.1.1, the tests' own address, is a proxy here and
# inside the ranges, too, so that a fallback to it would show.
my %robot = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $server = 'location /token { ipfence token; proxy_pass http://provider; }';

sub address_of {
    my ($gate, @headers) = @_;
    my $response = $gate->token(\%robot, headers => \@headers);
    my $line = $gate->last_audit;
    my $verdict = $response->{status} == 200 ? 'allow' : 'deny';
    is($line->{decision}, $verdict, 'the audit says what the client got');
    is($line->{reason}, 'address_unknown', 'an unknown address is inside no range') if !defined $line->{ip};
    return $line->{ip};
}

my $gate = gate(http => 'ipfence_trusted_proxies 127.0.1.1 10.0.0.0/8 2001:db8:ffff::/48;', server => $server);
sub forwarded { return address_of($gate, map { ['X-Forwarded-For', $_] } @_) }

is(forwarded('203.0.113.9'), '203.0.113.9', 'one hop');
is(forwarded('203.0.113.9, 10.0.0.7'), '203.0.113.9', 'behind another trusted proxy');
is(forwarded('203.0.113.9,10.0.0.7 , 10.1.2.3'), '203.0.113.9', 'spaces do not matter');
is(forwarded('203.0.113.9, 198.51.100.7'), '198.51.100.7', 'C02: right-most, not left-most');
is(forwarded('203.0.113.9', '198.51.100.7'), '198.51.100.7', 'over several lines');
is(forwarded('198.51.100.7', '10.0.0.7'), '198.51.100.7', 'over several lines, the last one a proxy');
is(forwarded('2001:db8::1'), '2001:db8::1', 'IPv6');
is(forwarded('[2001:db8::1]:443'), '2001:db8::1', 'C12: IPv6 with a port');
is(forwarded('2002:cb00:7109::1'), '2002:cb00:7109::1', 'C16: a transition address is no IPv4 address');
is(forwarded('64:ff9b::203.0.113.9'), '64:ff9b::cb00:7109', 'C16: nor is a translated one');
is(forwarded('203.0.113.9:4444'), '203.0.113.9', 'C12: IPv4 with a port');
is(forwarded('::ffff:203.0.113.9'), '203.0.113.9', 'C11: IPv4-mapped is IPv4');
my %hostile = (
    C05 => ['', 'garbage', '203.0.113.9, garbage', '203.0.113.9,', '203.0.113.256', '203.0.113.9:99999', '2001:db8::1::2', '[2001:db8::1', '203.0.113.9 203.0.113.9'],
    C06 => ['unknown', '_hidden', 'for=203.0.113.9', '"203.0.113.9"', '203.0.113.9;x', '203.0.113.9/24', "203.0.113.9\t"],
    C09 => ['127.0.1.1', '10.0.0.7', '10.9.9.9, 10.1.2.3'],
    C13 => ['010.0.0.1', '203.0.113.09', '0xcb.0.113.9', '3405803785', '203.113'],
    C14 => ['2001:db8::1%eth0', '2001:db8::1%25eth0'],
    C17 => ['0.0.0.0', '127.0.0.1', '::1', '::', '255.255.255.255', '224.0.0.1', '240.0.0.1', 'ff02::1'],
    C19 => ['unix:'],
);
for my $id (sort keys %hostile) {
    is(forwarded($_), undef, "$id: X-Forwarded-For: $_") for @{$hostile{$id}};
}
is(forwarded(), undef, 'C08: no header at all');
is(forwarded('203.0.113.9', 'garbage'), undef, 'C05: a last line that is garbage');
is(forwarded('203.0.113.9', ''), undef, 'C05: a last line that is empty');
is(forwarded(('203.0.113.9') x 40), undef, 'forty lines');
is(address_of($gate, ['X-Real-IP', '203.0.113.9']), undef, 'another header does not count');
is($gate->token(\%robot, headers => [['X-Forwarded-For', '203.0.113.9']], from => outside)->{status}, 400,
    'what a client that is no proxy claims does not count');
is($gate->last_audit->{ip}, outside, 'its connection does');
$gate->finish;

my $rfc7239 = gate(http => 'ipfence_trusted_proxies 127.0.1.1; ipfence_forwarded_header Forwarded;', server => $server);
my %elements = (
    'for=203.0.113.9' => '203.0.113.9', 'For="203.0.113.9:80";proto=https;by=10.0.0.1' => '203.0.113.9',
    'proto=http; for="[2001:db8::1]:443"' => '2001:db8::1', 'for=203.0.113.1, for=198.51.100.7' => '198.51.100.7',
    'for="a,b", for=203.0.113.9' => '203.0.113.9',
    'for=unknown' => undef, 'for=_hidden' => undef, 'for=2001:db8::1' => undef, 'for=[2001:db8::1]' => undef, 'proto=http' => undef,
    'for=203.0.113.9;for=203.0.113.9' => undef, 'for="203.0.113.9' => undef, 'for=203.0.113.9, ' => undef, '203.0.113.9' => undef,
);
is(address_of($rfc7239, ['Forwarded', $_]), $elements{$_}, "Forwarded: $_") for sort keys %elements;
$rfc7239->finish;

my $single = gate(http => 'ipfence_trusted_proxies 127.0.1.1; ipfence_forwarded_header X-Real-IP;', server => $server);
is(address_of($single, ['X-Real-IP', '203.0.113.9']), '203.0.113.9', 'a single value');
is(address_of($single, ['X-Real-IP', '203.0.113.9'], ['X-Real-IP', '203.0.113.9']), undef, 'C04: two of them are none');
is(address_of($single, ['X-Real-IP', '203.0.113.9, 203.0.113.9']), undef, 'nor is a list');
$single->finish;

my $variable = gate(http => 'ipfence_trusted_proxies 127.0.1.1; ipfence_client_address $http_x_client;', server => $server);
is(address_of($variable, ['X-Client', '203.0.113.9'], ['X-Forwarded-For', '198.51.100.7']), '203.0.113.9', 'a variable comes first');
is(address_of($variable, ['X-Forwarded-For', '203.0.113.9']), undef, 'and has no fallback');
is(address_of($variable, ['X-Client', '203.0.113.9,']), undef, 'nor any tolerance');
$variable->finish;

# C27: a proxy that writes one address for all who are behind it, guests among them, is told apart by a map.
my $guests = gate(http => 'map $remote_addr $client { 127.0.1.9 ""; default $remote_addr; } ipfence_client_address $client;', server => $server);
is(address_of($guests), '127.0.1.1', 'C27: a client');
$guests->token(\%robot, from => '127.0.1.9');
is($guests->last_audit->{ip}, undef, 'C27: who is behind that proxy is nowhere, although its address is in a range');
$guests->finish;

my $realip = gate(server => 'set_real_ip_from 127.0.1.1; location /token { ipfence token; proxy_pass http://provider; }');
is(address_of($realip, ['X-Real-IP', '203.0.113.9']), '203.0.113.9', 'the connection, as realip left it');
$realip->finish;
my $located = gate(server => 'location /token { set_real_ip_from 127.0.1.1; ipfence token; proxy_pass http://provider; }');
is(address_of($located, ['X-Real-IP', '203.0.113.9']), '203.0.113.9', 'also where realip stands in the location');
$located->finish;
# C25: who has a network of addresses to himself costs the gate no more than who has one.
my $zone = gate(policy => world(), http => 'ipfence_zone zone=tokens:256k; ipfence_trusted_proxies 127.0.1.1; ipfence_audit off;', own_audit => 1,
    server => 'location /token { ipfence token; proxy_pass http://provider; } location /api { ipfence resource; empty_gif; }');
$zone->answers(tokens('alice', access_token => 'remembered', refresh_token => 'kept'));
is($zone->token({grant_type => 'authorization_code', code => 'c', client_id => 'relaxed'}, from => '127.0.1.2')->{status}, 200, 'C25: a session');
my $ask = sub {
    my ($number) = @_;
    return "GET /api HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 2001:db8:0:1::${\ sprintf '%x', $number }\r\nAuthorization: Bearer "
        . ($number % 2 ? 'remembered' : "unseen-$number") . "\r\n\r\n";
};
my $rounds = 40;
for my $round (1 .. $rounds) {
    my @responses = $zone->send_raw(join('', map { $ask->($round * 100 + $_) } 1 .. 100), count => 100);
    next if 100 == @responses && 50 == grep { $_->{status} == 200 } @responses;
    fail("C25: round $round: " . @responses . ' answers');
}
is($zone->token({grant_type => 'refresh_token', refresh_token => 'kept', client_id => 'web'}, from => '127.0.1.2')->{status}, 400, 'C25: four thousand addresses later it is remembered whose it is');
unlike($zone->error_log, qr/the zone is full/, 'C25: and the zone is not said to be full');
$zone->finish;
done_testing;
