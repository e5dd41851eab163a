# The PROXY protocol: the address is what the header says, or unknown, and never the proxy's own (catalogue, group C).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

# The policy allows 127.0.1.0/24, and with it the proxy, 127.0.1.1: a fallback to its address would show.
my $server = 'set_real_ip_from 127.0.1.1; real_ip_header proxy_protocol; location /token { ipfence token; proxy_pass http://provider; }';
my $gate = gate(listen => 'proxy_protocol', server => $server);

sub request {
    my ($user) = @_;
    my $body = form({grant_type => 'password', username => $user, password => 'pw', client_id => 'web'});
    return "POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        . "Content-Length: ${\ length $body}\r\n\r\n$body";
}

# What a header meets: the status, how many requests the provider saw, the reason and the address in the audit log.
sub met {
    my ($at, $header, %with) = @_;
    my $response = $at->send_raw($header . request($with{user} // 'alice'), %with);
    my $seen = () = $at->provider_saw;
    my $line = $at->last_audit;
    return join ' ', $response ? $response->{status} : 'closed', $seen, $line->{reason} // '-', $line->{ip} // '-';
}

# Version 2: command 1 is PROXY, 0 is LOCAL; then family and transport, and the addresses.
sub v2 {
    my ($command, $family, $addresses) = @_;
    return "\r\n\r\n\0\r\nQUIT\n" . pack('CCn', 0x20 | $command, $family, length $addresses) . $addresses;
}
my $inside = pack 'C4C4nn', 203, 0, 113, 9, 127, 0, 0, 1, 1, 2;
my $outside = pack 'C4C4nn', 198, 51, 100, 9, 127, 0, 0, 1, 1, 2;
my $ipv6 = pack 'H32H32nn', '20010db8000000000000000000000009', '0' x 31 . '1', 1, 2;

for my $case (
    ["PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n", '200 1 login_ip_range 203.0.113.9'],
    ["PROXY TCP4 198.51.100.9 127.0.0.1 1 2\r\n", '400 0 outside_login_ip_ranges 198.51.100.9'],
    ["PROXY TCP6 2001:db8::9 ::1 1 2\r\n", '200 1 login_ip_range 2001:db8::9'],
    ["PROXY TCP6 2001:db9::9 ::1 1 2\r\n", '400 0 outside_login_ip_ranges 2001:db9::9'],
    ["PROXY TCP6 ::ffff:203.0.113.9 ::1 1 2\r\n", '200 1 login_ip_range 203.0.113.9'],
    [v2(1, 0x11, $inside), '200 1 login_ip_range 203.0.113.9', 'version 2, inside'],
    [v2(1, 0x11, $outside), '400 0 outside_login_ip_ranges 198.51.100.9', 'version 2, outside'],
    [v2(1, 0x21, $ipv6), '200 1 login_ip_range 2001:db8::9', 'version 2, IPv6'],
) {
    my ($header, $met, $what) = @$case;
    $what //= $header =~ s/\r\n//r;
    is(met($gate, $header), $met, $what);
    is(met($gate, $header, from => outside), '400 0 outside_login_ip_ranges 127.0.2.1', "$what, of a peer that is no proxy, does not count");
}

# Headers that say nothing of a client.
my %silent = (
    'C20: UNKNOWN' => "PROXY UNKNOWN\r\n",
    'C20: UNKNOWN with addresses' => "PROXY UNKNOWN 203.0.113.9 127.0.0.1 1 2\r\n",
    'C21: LOCAL' => v2(0, 0, ''),
    'C21: LOCAL with addresses' => v2(0, 0x11, $inside),
    'C21: no family' => v2(1, 0, ''),
    'C21: UDP' => v2(1, 0x12, $inside),
    'C21: a unix socket' => v2(1, 0x31, 'a' x 216),
    'C21: the broadcast address' => v2(1, 0x11, pack 'C4C4nn', (255) x 4, 127, 0, 0, 1, 1, 2),
    map { ("an address that is none, '$_'" => "PROXY TCP4 $_ 127.0.0.1 1 2\r\n") } '', qw(999.1.1.1 1234 abc 203.0.113 1:2:3 255.255.255.255 203.0.113.09),
);
for my $what (sort keys %silent) {
    for my $from (inside, outside) {
        is(met($gate, $silent{$what}, from => $from), '400 0 address_unknown -', "$what from $from: unknown");
        is(met($gate, $silent{$what}, from => $from, user => 'robot'), '200 1 no_login_ip_ranges -', "$what from $from: who is not restricted passes");
    }
}

# No header, half of one, and one that cannot be read reach nobody.
for my $case (
    ['none', ''], ['an address that is none', "PROXY TCP4 garbage 127.0.0.1 1 2\r\n"], ['a transport that is none', "PROXY UDP4 203.0.113.9 127.0.0.1 1 2\r\n"],
    ['no end of the line', 'PROXY TCP4 203.0.113.9 127.0.0.1 1 2 '], ['a third version', "\r\n\r\n\0\r\nQUIT\n" . pack('CCn', 0x31, 0x11, 12) . $inside],
    ['two', "PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n" x 2],
) {
    my ($what, $header) = @$case;
    my $response = $gate->send_raw($header . request('alice'), timeout => 2);
    ok(!$response || $response->{status} == 400, "C23: $what: refused");
    is(scalar $gate->provider_saw, 0, "C23: $what: unseen");
    is_deeply([$gate->audit], [], "C23: $what: nothing was decided");
}
$gate->finish;

# A deployment's own reading of the header, without realip.
my $own = gate(listen => 'proxy_protocol', http => 'ipfence_client_address $proxy_protocol_addr;');
is(met($own, "PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n"), '200 1 login_ip_range 203.0.113.9', 'the variable');
is(met($own, "PROXY UNKNOWN\r\n"), '400 0 address_unknown -', 'C20: which is empty for UNKNOWN');
is(met($own, v2(0, 0x11, $inside)), '400 0 address_unknown -', 'C21: and for LOCAL');
$own->finish;

# A trusted proxy that speaks both: what it forwards counts where the header is silent.
my $both = gate(listen => 'proxy_protocol', http => 'ipfence_trusted_proxies 127.0.1.1;');
my $forwarding = request('alice') =~ s/Host: x/Host: x\r\nX-Forwarded-For: 203.0.113.9/r;
for my $case (['forwarded', $forwarding, 200], ['not forwarded', request('alice'), 400]) {
    my ($what, $request, $status) = @$case;
    is($both->send_raw("PROXY UNKNOWN\r\n$request")->{status}, $status, "an address that is $what");
}
$both->finish;

# C23: a listener that does not expect the header never looks for it.
for my $listen ('', 'http2') {
    my $plain = gate(listen => $listen, server => $server);
    for my $case (['version 1', "PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n"], ['version 2', v2(1, 0x11, $inside)], ['LOCAL', v2(0, 0, '')]) {
        my ($version, $header) = @$case;
        for my $from (inside, outside) {
            my $response = $plain->send_raw($header . request('alice'), from => $from, timeout => 2);
            ok(!$response || $response->{status} == 400, "C23: $version at a listener without ($listen) from $from: refused");
            is(scalar $plain->provider_saw, 0, "C23: $version ($listen) from $from: unseen");
        }
    }
    $plain->finish;
}

done_testing;
