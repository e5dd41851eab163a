# I10: nothing of an answer leaves before it is judged: neither an interim one (103), which nginx passes on since 1.29 where
# `early_hints` says so, nor the trailers of one that is replaced (`proxy_pass_trailers`).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

plan skip_all => 'nginx passes 103 on since 1.29' if !nginx_since('1.29.0');

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; early_hints 1; proxy_pass_trailers on; proxy_set_header Connection te; proxy_set_header TE trailers;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /named { ipfence resource; ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /monitored { ipfence token; ipfence_mode monitor; proxy_pass http://provider; }
CONF
);

my $hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nSet-Cookie: sid=canary\r\nLocation: https://app.test/cb#access_token=canary\r\n\r\n";
my $body = '{"access_token":"canary","id_token":"' . jwt({sub => 'alice'}) . '"}';
my $with_trailers = sprintf "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTrailer: X-Canary\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-Canary: canary\r\n\r\n", length $body, $body;
my %code = (body => form({grant_type => 'authorization_code', code => 'c', client_id => 'web'}));

sub bytes_for { my ($answer, %request) = @_; $gate->answers($answer); $gate->request(%request); return $gate->{last}{response} }

my %denied = (
    'a token' => [{%code}, $hints . tokens('alice')],
    'an implicit answer' => [{method => 'GET', path => '/auth?client_id=web'}, $hints . redirect('https://app.test/cb#access_token=x&id_token=' . jwt({sub => 'alice'}))],
    'an answer that names somebody' => [{method => 'GET', path => '/named'}, $hints . page('ok', 'X-User: alice')],
    'trailers' => [{%code}, $with_trailers],
);
for my $what (sort keys %denied) {
    my ($request, $answer) = @{$denied{$what}};
    my $bytes = bytes_for($answer, %$request, from => outside);
    is($gate->last_audit->{decision}, 'deny', "$what: denied");
    unlike($bytes, qr/canary|HTTP\/1\.1 103/, "$what: nothing of the provider's leaves");
}
like(bytes_for($hints . tokens('alice'), %code, from => inside), qr{\AHTTP/1\.1 200}, 'what is held has no hints where it is allowed either');
like(bytes_for($hints . page('ok'), method => 'GET', path => '/api', from => outside), qr{\AHTTP/1\.1 103}, 'an answer that was decided before has them');
like(bytes_for($hints . tokens('alice'), %code, path => '/monitored', from => outside), qr{\AHTTP/1\.1 103}, 'P13: and so has one in monitor mode');
$gate->finish;
done_testing;
