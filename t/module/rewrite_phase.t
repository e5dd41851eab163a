# nginx's rewrite phase, where the gate looks at each request so that the error log keeps its secrets: other modules
# have their handlers there, and keep their places.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

my @lua = qw(ndk_http_module ngx_http_lua_module);
my $server = <<'CONF';
        location /other { set $nothing 1; return 204; }
        location /api { ipfence resource; LUA return 200 "$nothing"; }
        location /forbidden { return 403; }
        location /lua { LUA proxy_pass http://provider; }
CONF

sub with_lua { my ($code) = @_; return $server =~ s/LUA/$code ? "rewrite_by_lua_block { $code }" : ''/ger }

sub status { my ($gate, $path) = @_; return $gate->request(method => 'GET', path => $path)->{status} }

# What nginx's own rewrite module says of a request shows its path only.
sub shows_no_query {
    my ($gate, $what) = @_;
    is(status($gate, "/api?access_token=secret-$_"), 200, "$what: answered") for 1 .. 3;
    my @said = $gate->error_log =~ /(using uninitialized "nothing" variable.*)/g;
    is(scalar @said, 3, "$what: nginx warns of each");
    is(scalar(grep { /request: "GET \/api"/ } @said), 3, "$what: of its path");
    unlike($gate->error_log, qr/secret-/, "$what: and of nothing else");
}

# A reload that fails when all of http was read changes nothing, also not for workers that begin after it.
sub survives_failed_reload {
    my ($gate, $next_server, $what) = @_;
    my ($worker) = $gate->workers;
    $gate->{server} = $next_server;
    $gate->write_configuration;
    $gate->write_file('nginx.conf', "$gate->{configuration}\nnonsense;\n");
    $gate->signal('HUP');
    ok(wait_for(sub { $gate->error_log =~ /unknown directive "nonsense"/ }), "$what: the reload fails");
    kill 'KILL', $worker;
    ok(wait_for(sub { my @now = $gate->workers; @now == 1 && $now[0] != $worker }), "$what: another worker begins");
    is(status($gate, '/forbidden'), 403, "$what: nginx's own handler is called");
}

my @expected = (qr/unknown directive/, qr/exited on signal 9/);
my %given = (modules_before => \@lua, expected_log => \@expected);

my $alone = gate(server => with_lua(''), expected_log => \@expected);
shows_no_query($alone, 'nginx alone');
$alone->finish;

my $unused = gate(server => with_lua(''), %given);
shows_no_query($unused, 'Lua unused');
survives_failed_reload($unused, with_lua('ngx.exit(401)'), 'Lua used by the next');
$unused->finish;

my $used = gate(server => with_lua('ngx.req.set_header("X-Lua", 1)'), %given);
shows_no_query($used, 'Lua before the gate');
$used->finish;

my $exits = gate(server => with_lua('ngx.exit(401)'), %given);
is(status($exits, '/lua'), 401, "Lua's handler is called");
survives_failed_reload($exits, with_lua(''), 'Lua left out by the next');
is(status($exits, '/lua'), 401, "Lua left out by the next: Lua's handler is called");
$exits->finish;
done_testing;
