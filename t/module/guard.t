# ipfence_guard: nothing reaches the upstream without a decision for exactly its current URI.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

my $gate = gate(
    http => 'map $uri $kind { /mapped/token token; ~^/mapped/odd nonsense; ~^/(mapped|set) off; default ""; }',
    upstream => 'ipfence_guard; keepalive 4;',
    server => <<'CONF',
        location = /token { ipfence token; proxy_pass http://provider; }
        location /forgotten { proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
        location /off/nested { proxy_pass http://provider; }
        location /if { ipfence off; if ($request_method = POST) { proxy_pass http://provider; } }
        location /mapped { ipfence $kind; proxy_pass http://provider; }
        location /mapped/missing { ipfence $kind; error_page 404 = /mapped/token; proxy_intercept_errors on; proxy_pass http://provider; }
        location /set { set $is_set token; ipfence $is_set; proxy_pass http://provider; }
        location /rewritten { ipfence off; rewrite ^ /forgotten last; }

        location /denied { ipfence token; error_page 400 403 = @around; proxy_pass http://provider; }
        location /refused { ipfence $kind; error_page 403 = @around; proxy_pass http://provider; }
        location @around { ipfence off; proxy_pass http://provider; }
        location /refused_open { ipfence $kind; error_page 403 =200 /off; proxy_pass http://provider; }
        location /refused_page { ipfence $kind; error_page 403 /page.html; proxy_pass http://provider; }
        location = /page.html { ipfence off; return 403 "the page of the operator"; }

        location /mirrored { ipfence off; mirror /mirror; proxy_pass http://provider; }
        location = /mirror { internal; proxy_pass http://provider/token; }
        location /mirrored_token { ipfence off; mirror /token; proxy_pass http://provider; }
        location /asks { ipfence off; auth_request /ask; proxy_pass http://provider; }
        location = /ask { internal; proxy_pass http://provider/token; }
        location /tries { ipfence off; try_files /none @tried; }
        location @tried { proxy_pass http://provider; }
        location /accelerated { ipfence off; proxy_pass http://provider; }
        location /borrows { ipfence authorization; rewrite ^ /inner break; proxy_pass http://provider; }
        location /inner { internal; proxy_pass http://provider; }
        location /inner_token { internal; ipfence token; proxy_pass http://provider; }
        location /any { satisfy any; allow all; deny all; ipfence token; proxy_pass http://provider; }
        location /changed { ipfence token; try_files /none $uri/other; proxy_pass http://provider; }
        location /fallback { ipfence token; proxy_pass http://provider; proxy_intercept_errors on; error_page 404 = @around; }
CONF
    expected_log => [qr/ipfence_guard: refused/, qr/which is no kind/],
);

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

sub blocked {
    my ($path, $what, %with) = @_;
    my $response = $gate->token(\%password, path => $path, %with);
    cmp_ok($response->{status}, '>=', 400, "$what: refused");
    is(scalar $gate->provider_saw, 0, "$what: the provider saw nothing");
    return $response;
}

sub passes {
    my ($path, $what, %with) = @_;
    is($gate->token(\%password, path => $path, %with)->{status}, 200, "$what passes");
    is(scalar $gate->provider_saw, 1, "$what reaches the provider");
}

passes('/token', 'a decided request');
passes('/off', 'off, written there');
passes('/if', 'an if within such a location');
passes('/mapped/login', 'off, from a variable');
passes('/mapped/token', 'token, from a variable');
blocked('/mapped/token', 'token, from a variable, outside', from => outside);
blocked('/set', 'token, from a variable of set, outside', from => outside);
is(blocked('/forgotten', 'a location that says nothing')->{status}, 500, 'answered 500');
like($gate->error_log, qr/ipfence_guard: refused.*no decision for its URI; write "ipfence"/, 'and logged with what to do');
blocked('/off/nested', 'K12: off, inherited');
blocked('/rewritten', 'rewrite to such a location');
is(blocked('/mapped/odd', 'a value that is no kind')->{status}, 403, 'answered 403');
like($gate->error_log, qr/evaluates to "nonsense", which is no kind/, 'and logged');
is(($gate->audit)[-1]{reason}, 'kind_unknown', 'and audited');

# Path spellings that fall past an exact location end at the guard.
for my $path ('/token/', '/token;x=1', '/Token', '/token.', '/token%20', '/token%2f', '/x/..;/token', '/token%3bx') {
    blocked($path, "the spelling $path");
}

# A denial is final.
is(blocked('/denied', 'K02: error_page around a denial', from => outside)->{status}, 400, "the gate's own answer");
blocked('/refused', 'error_page around a refusal');
blocked('/refused_open', 'K02: error_page with another status');
is(blocked('/refused_page', 'a page of the operator')->{body}, 'the page of the operator', 'is shown for a 403');

# Ways around that nginx itself takes.
is($gate->token(\%password, path => '/mirrored')->{status}, 200, 'the mirrored request itself passes');
is(scalar $gate->provider_saw, 1, 'K06: its mirror does not');
$gate->token(\%password, path => '/mirrored_token');
is(scalar $gate->provider_saw, 1, 'nor does a mirror into a token location');
is(($gate->audit)[-1]{reason}, 'subrequest', 'which is refused as a subrequest');
blocked('/asks', 'K07: auth_request');
blocked('/tries', 'K10: try_files to a named location');
blocked('/any', 'K01: satisfy any', from => outside);
passes('/any', 'satisfy any, inside');
blocked('/changed', 'a URI that changed after the decision');
for my $target ('/inner', '/inner_token') {
    $gate->answers("HTTP/1.1 200 OK\r\nX-Accel-Redirect: $target\r\nContent-Length: 0\r\n\r\n");
    cmp_ok($gate->token(\%password, path => '/accelerated')->{status}, '>=', 400, "K05, I22: X-Accel-Redirect to $target");
    is(scalar $gate->provider_saw, 1, 'asks the provider once');
}
$gate->answers("HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner\r\nContent-Length: 0\r\n\r\n");
cmp_ok($gate->request(method => 'GET', path => '/borrows')->{status}, '>=', 400, 'X-Accel-Redirect to a URI that was decided for another location');
is(scalar $gate->provider_saw, 1, 'asks the provider once');
for my $case (
    ['X-Accel-Redirect', '/mapped/login', "200 OK\r\nX-Accel-Redirect: /mapped/token"],
    ['error_page', '/mapped/missing', '404 Not Found'],
) {
    my ($how, $path, $answer) = @$case;
    $gate->answers("HTTP/1.1 $answer\r\nContent-Length: 0\r\n\r\n");
    cmp_ok($gate->token(\%password, path => $path, from => outside)->{status}, '>=', 400, "$how to another kind of the same map");
    is(scalar $gate->provider_saw, 1, 'is no decision for the new URI');
}
$gate->answers("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{\"access_token\":\"opaque\"}");
is($gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, path => '/fallback')->{status}, 400,
    'an answer from elsewhere is still held and judged');
$gate->finish;

# Whatever stands after the guard in the block.
for my $upstream ('ipfence_guard; least_conn; keepalive 2;', 'keepalive 2; ipfence_guard;', 'random; ipfence_guard;') {
    my $other = gate(upstream => $upstream, server => 'location / { proxy_pass http://provider; }');
    is($other->token(\%password, path => '/x')->{status}, 500, "guarded: $upstream");
    is(scalar $other->provider_saw, 0, 'and unseen');
    $other->finish;
}
my $monitored = gate(server => 'location / { ipfence_mode monitor; proxy_pass http://provider; }');
is($monitored->token(\%password, path => '/x')->{status}, 200, 'monitor mode lets an undecided request pass');
like($monitored->error_log, qr/ipfence_guard: monitor mode, not refused/, 'and says so');
$monitored->finish;
done_testing;
