# Whose address it is: a trusted proxy's word, a variable, or the connection, and never a guess.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

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
is(forwarded('203.0.113.9, 198.51.100.7'), '198.51.100.7', 'right-most, not left-most');
is(forwarded('203.0.113.9', '198.51.100.7'), '198.51.100.7', 'over several lines');
is(forwarded('198.51.100.7', '10.0.0.7'), '198.51.100.7', 'over several lines, the last one a proxy');
is(forwarded('2001:db8::1'), '2001:db8::1', 'IPv6');
is(forwarded('[2001:db8::1]:443'), '2001:db8::1', 'IPv6 with a port');
is(forwarded('203.0.113.9:4444'), '203.0.113.9', 'IPv4 with a port');
is(forwarded('::ffff:203.0.113.9'), '203.0.113.9', 'IPv4-mapped is IPv4');
for my $hostile (
    '', 'garbage', '203.0.113.9, garbage', '203.0.113.9,', 'unknown', '_hidden', 'for=203.0.113.9', '"203.0.113.9"',
    '203.0.113.9;x', '203.0.113.9/24', "203.0.113.9\t", '203.0.113.9 203.0.113.9', '010.0.0.1', '203.0.113.09', '0xcb.0.113.9',
    '3405803785', '203.113', '203.0.113.256', '203.0.113.9:99999', '2001:db8::1%eth0', '2001:db8::1::2', '[2001:db8::1', 'unix:',
    '0.0.0.0', '127.0.1.1', '127.0.0.1', '::1', '::', '255.255.255.255', '224.0.0.1', '240.0.0.1', 'ff02::1', '10.0.0.7', '10.9.9.9, 10.1.2.3',
) {
    is(forwarded($hostile), undef, "X-Forwarded-For: $hostile");
}
is(forwarded(), undef, 'no header at all');
is(forwarded('203.0.113.9', 'garbage'), undef, 'a last line that is garbage');
is(forwarded('203.0.113.9', ''), undef, 'a last line that is empty');
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
is(address_of($single, ['X-Real-IP', '203.0.113.9'], ['X-Real-IP', '203.0.113.9']), undef, 'two of them are none');
is(address_of($single, ['X-Real-IP', '203.0.113.9, 203.0.113.9']), undef, 'nor is a list');
$single->finish;

my $variable = gate(http => 'ipfence_trusted_proxies 127.0.1.1; ipfence_client_address $http_x_client;', server => $server);
is(address_of($variable, ['X-Client', '203.0.113.9'], ['X-Forwarded-For', '198.51.100.7']), '203.0.113.9', 'a variable comes first');
is(address_of($variable, ['X-Forwarded-For', '203.0.113.9']), undef, 'and has no fallback');
is(address_of($variable, ['X-Client', '203.0.113.9,']), undef, 'nor any tolerance');
$variable->finish;

my $realip = gate(server => 'set_real_ip_from 127.0.1.1; location /token { ipfence token; proxy_pass http://provider; }');
is(address_of($realip, ['X-Real-IP', '203.0.113.9']), '203.0.113.9', 'the connection, as realip left it');
$realip->finish;
my $located = gate(server => 'location /token { set_real_ip_from 127.0.1.1; ipfence token; proxy_pass http://provider; }');
is(address_of($located, ['X-Real-IP', '203.0.113.9']), '203.0.113.9', 'also where realip stands in the location');
$located->finish;
done_testing;
