# Q10: a tunnel (`CONNECT`, which nginx takes where `tunnel_pass` is) carries requests that nobody decides.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

sub server { return "location / { $_[0] tunnel_pass provider; }" }

my ($code, $output) = gate(stopped => 1, server => server('ipfence resource;'))->test_configuration;
plan skip_all => 'this nginx makes no tunnels' if $output =~ /unknown directive "tunnel_pass"/;
is($code, 0, 'nginx takes tunnel_pass');

my $connect = "CONNECT provider:443 HTTP/1.1\r\nHost: provider:443\r\n\r\n";
for my $case (['ipfence resource;', '', 400], ['ipfence login_flow;', '', 400], ['ipfence off;', 'ipfence_guard;', 500], ['', 'ipfence_guard;', 500]) {
    my ($kind, $guard, $status) = @$case;
    my $gate = gate(server => server($kind), upstream => $guard || ' ', expected_log => [qr/ipfence_guard: refused/]);
    is($gate->send_raw($connect . "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", from => outside, timeout => 2)->{status}, $status, "refused: $kind $guard");
    is(scalar $gate->provider_saw, 0, 'and the provider sees nothing');
    $gate->finish;
}
done_testing;
