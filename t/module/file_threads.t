# An answer that nginx keeps in a file and reads from it in a thread (`aio threads`) comes in pieces long after the provider is done: it is
# whole all the same.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

plan skip_all => 'this nginx has no threads' if qx(${\ IPFence::Nginx::nginx_path() } -V 2>&1) !~ /--with-threads/;

my $gate = gate(
    policy => world(),
    http => 'proxy_cache_path DIR/cache keys_zone=kept:1m; aio threads; output_buffers 1 4k;',
    server => <<'CONF',
        location /cached { ipfence token; proxy_cache kept; proxy_cache_methods POST; proxy_cache_key $arg_n$request_body; proxy_cache_valid 200 1m; proxy_pass http://provider; }
        location /stored { ipfence token; proxy_store DIR/stored; proxy_pass http://provider; }
CONF
    expected_log => [qr/upstream prematurely closed/],
);
my $answer = tokens('alice', access_token => 'canary', padding => 'x' x 50_000);
my ($whole) = $answer =~ /\r\n\r\n(.*)/s;

sub asks { my ($path, $code, $from) = @_; return $gate->token({grant_type => 'authorization_code', code => $code, client_id => 'web'}, path => $path, from => $from) }

for my $path ('/cached', '/stored') {
    $gate->answers($answer);
    for my $code ('first', 'first', 'second') {
        my $response = asks($path, $code, inside);
        is($response->{status}, 200, "$path: allowed");
        ok(($response->{body} // '') eq $whole, "$path: whole");
        is($gate->last_audit->{reason}, 'login_ip_range', "$path: audited as that");
        is(asks($path, $code, outside)->{status}, 400, "$path: and denied");
        unlike($gate->{last}{response}, qr/canary/, "$path: without a token");
    }
    $gate->answers(substr $answer, 0, -20_000);
    is(asks($path, 'third', inside)->{status}, 502, "$path: what breaks off is not");
    unlike($gate->{last}{response}, qr/canary/, "$path: nor leaves");
    is($gate->last_audit->{reason}, 'response_incomplete', "$path: as is audited");
}
$gate->provider_saw;
$gate->finish;
done_testing;
