# Parts of a page, and what scripts fetch, whose tokens are introspected: asked about however nginx keeps what comes of them, and
# the connection goes on.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Connection;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    modules_before => [qw(ndk_http_module ngx_http_lua_module ngx_http_js_module)],
    policy => world(),
    http => 'js_import DIR/fetch.js;',
    files => {'fetch.js' => "async function fetch(r) { const part = await r.subrequest('/api'); r.return(200, part.responseText); }\nexport default {fetch};\n"},
    server => <<'CONF',
        location /api { ipfence resource; ipfence_introspection /introspect; error_page 403 /denied; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
        location = /denied { internal; ipfence off; return 403 denied; }
        location ~ \.html$ { ipfence off; ssi on; root DIR; }
        location /njs { ipfence off; js_content fetch.fetch; }
        location /lua { ipfence off; content_by_lua_block { local part = ngx.location.capture("/api"); ngx.print(part.body) } }
        location /lua-two { ipfence off; content_by_lua_block {
            local one, two = ngx.location.capture_multi({{"/api/1"}, {"/api/2"}}); ngx.print(one.body == two.body and one.body)
        } }
        location /asked { ipfence off; auth_request /api; root DIR; try_files /answer =404; }
        location /status { ipfence off; stub_status; }
CONF
);
$gate->write_file('answer', 'answer');
$gate->write_file('written.html', '<!--# include virtual="/api" -->');
$gate->write_file('after.html', '<!--# include virtual="/api" wait="yes" -->');
$gate->write_file('set.html', '<!--# include virtual="/api" set="part" --><!--# echo var="part" encoding="none" -->');
my $active = json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web'});

# With what a client gets that is denied: of SSI's `set` and of Lua, nothing of a page that is no success.
my %denied = ('/written.html' => 'denied', '/after.html' => 'denied', '/set.html' => '', '/njs' => 'denied', '/lua' => '', '/lua-two' => '', '/asked' => 403);
my $count = 0;
for my $path (sort keys %denied) {
    for my $case ([inside, 'answer'], [outside, $denied{$path}]) {
        my ($from, $expected) = @$case;
        my $connection = IPFence::Connection->new($gate->{port}, $from);
        my @met = map {
            $gate->answers(($active) x ($path eq '/lua-two' ? 2 : 1), page('answer'));
            my ($raw, $response) = $connection->exchange("GET $path HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer opaque-${\ ++$count }\r\n\r\n", 2);
            !$response ? '-' : $response->{status} == 200 ? $response->{body} : $response->{status};
        } 1, 2;
        is(join(' ', @met), "$expected $expected", "$path from $from, twice");
    }
}
like($gate->request(method => 'GET', path => '/status')->{body}, qr/\AActive connections: 1 /, 'no connection is left');
$gate->finish;
done_testing;
