# The requests that the gate itself makes, to ipfence_introspection and ipfence_revocation: nothing of the client's is in them, and
# nothing of theirs in the client's; and wherever their answers come from, they are read.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Connection;
use IPFence::Gate;
use IPFence::World;

my $active = json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web'});
my $gate = gate(
    policy => world(),
    http => 'proxy_cache_path DIR/cache keys_zone=cached:1m; map $http_x_trace $traced { default $http_x_trace; }',
    server => <<'CONF',
        set $assigned of-the-server;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Trace $http_x_trace;
        proxy_set_header X-Mapped $traced;
        proxy_set_header X-Size $content_length;
        proxy_set_header X-Type $content_type;
        proxy_set_header X-Cookie $cookie_sid;
        proxy_set_header X-Assigned $assigned;
        proxy_set_header X-Asks "$request_method $request_uri";
        proxy_set_header X-Id $request_id;
        location /api { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /twice { set $seen "$request_method $request_uri $http_x_trace $content_type $proxy_add_x_forwarded_for $content_length"; ipfence resource;
            ipfence_introspection /introspect; proxy_pass http://provider; }
        location /cached { ipfence resource; ipfence_introspection /introspect-cached; proxy_pass http://provider; }
        location /returned { ipfence resource; ipfence_introspection /introspect-returned; proxy_pass http://provider; }
        location /file { ipfence resource; ipfence_introspection /introspect-file; proxy_pass http://provider; }
        location /mirrored { ipfence off; mirror /mirror; proxy_pass http://provider; }
        location = /mirror { internal; ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider/introspection; }
        location = /introspect-cached { internal; ipfence off; proxy_cache cached; proxy_cache_methods POST;
            proxy_cache_key $request_body; proxy_cache_valid 200 1m; proxy_pass http://provider/introspection; }
        location = /introspect-returned { internal; ipfence off; return 200 '{"active":true,"sub":"alice","client_id":"web"}'; }
        location = /introspect-file { internal; ipfence off; error_page 405 =200 /answer.json; alias DIR/answer.json; }
        location = /answer.json { internal; ipfence off; alias DIR/answer.json; }
        location = /parts.html { ipfence off; ssi on; root DIR; }
        location /dead { ipfence resource; ipfence_introspection /dead-introspection; proxy_pass http://provider; }
        location /token { ipfence token; ipfence_revocation /dead-revocation; proxy_pass http://provider; }
        location /second { ipfence token; ipfence_revocation /second-revocation; proxy_pass http://provider/token; }
        location ~ ^/dead- { internal; ipfence off; proxy_pass http://127.0.0.1:1; }
        location = /second-revocation { internal; ipfence off; error_page 502 = @works; proxy_pass http://127.0.0.1:1; }
        location @works { internal; ipfence off; proxy_pass http://provider; }
CONF
);
my @client = (['X-Forwarded-For', '203.0.113.9'], ['X-Trace', 'trace-1'], ['Cookie', 'sid=the-session']);
$gate->write_file('answer.json', '{"active":true,"sub":"alice","client_id":"web"}');

sub asks {
    my ($path, %with) = @_;
    return $gate->request(path => $path, body => '{"a":1}', type => 'application/json', %with,
        headers => [['Authorization', 'Bearer opaque'], @client, @{$with{headers} // []}])->{status};
}
sub value { my ($request, $name) = @_; return $request =~ /^\Q$name\E: ([^\r]*)\r$/mi ? $1 : '-' }
sub values_of { my ($request) = @_; return join ', ', map { value($request, $_) } qw(X-Forwarded-For X-Trace X-Mapped X-Size X-Type X-Cookie X-Assigned X-Asks) }

for my $path ('/api', '/twice') {
    $gate->answers($active, page('ok'));
    is(asks("$path?a=1", method => 'PUT', headers => [['Content-Type', 'application/json']]), 200, "$path: an introspected token");
    my ($own, $clients) = $gate->provider_saw;
    like($own, qr{\APOST /introspection }, "$path: the provider is asked first");
    is(values_of($clients), "203.0.113.9, 127.0.1.1, trace-1, trace-1, 7, application/json, the-session, of-the-server, PUT $path?a=1",
        "$path: the client's request is the client's");
    is(values_of($own), '127.0.1.1, -, -, 41, application/x-www-form-urlencoded, -, of-the-server, POST /introspect',
        "$path: the gate's own is its own");
    is(value($own, 'X-Id'), value($clients, 'X-Id'), "$path: both have the identifier of the request");
}

# An answer that is in a file.
$gate->answers($active, page('ok'));
is(asks('/cached'), 200, 'an introspection that nginx caches');
is(asks('/cached'), 200, 'from the cache');
is(scalar(grep { /introspection/ } $gate->provider_saw), 1, 'asks the provider once');
is(asks('/cached', from => outside), 403, 'and is decided all the same');
$gate->provider_saw;
is(asks($_), 200, "$_: an introspection that nginx itself answers") for '/returned', '/file';
is(asks($_, from => outside), 403, "$_: decided") for '/returned', '/file';

# What becomes of one is said once, when it is over: not of nginx's page as well, nor again when its turn comes in a page of parts.
my $said_until = 0;
sub said {
    my $log = substr IPFence::Gate::read_whole($gate->file('error.log')), $said_until;
    $said_until += length $log;
    return join ', ', map { /ipfence_(introspection|revocation): .*(gave no answer|was revoked|was not revoked \(status \d+\))/ ? "$1 $2" : () } split /\n/, $log;
}
said();
is(asks('/dead'), 403, 'an introspection that fails');
is(said(), 'introspection gave no answer', 'is said once');
for my $case (['/token', 'revocation was not revoked (status 502)'], ['/second', 'revocation was revoked']) {
    my ($path, $expected) = @$case;
    $gate->answers(tokens('alice', access_token => 'A'), page('revoked'));
    $gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, path => $path, from => outside);
    my $said = '';
    ok(wait_for(sub { $said .= said(); $said =~ /revoked/ }, 2), "$path: how a revocation ended is said");
    sleep 0.1;
    is($said . said(), $expected, "$path: once");
}
$gate->write_file('parts.html', '<!--# include virtual="/api/1" --> <!--# include virtual="/api/2" -->');
$gate->answers(json_answer('unreadable'), ['0.2', json_answer('unreadable')]);
$gate->request(method => 'GET', path => '/parts.html', headers => [['Authorization', 'Bearer another']]);
is(said(), 'introspection gave no answer, introspection gave no answer', 'of two parts of a page, once each');

# A subrequest in the background that asks leaves nothing behind: the connection goes on.
for my $from (inside, outside) {
    $gate->answers($active);
    my $connection = IPFence::Connection->new($gate->{port}, $from);
    my @met = map { ($connection->exchange("GET /mirrored HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer opaque\r\n\r\n", 3))[1] } 1 .. 3;
    is(join(' ', map { $_ ? $_->{status} : '-' } @met), '200 200 200', 'mirrored to where a token is asked about: the next request is answered');
}
$gate->finish;

# A worker that has no more time to shut down ends them with its requests.
my $ending = gate(
    policy => world(),
    stopped => 1,
    server => <<'CONF',
        location /token { ipfence token; ipfence_revocation /revoke; proxy_pass http://provider; }
        location = /revoke { internal; ipfence off; proxy_pass http://provider; }
CONF
);
$ending->write_file('nginx.conf', "worker_shutdown_timeout 200ms;\n$ending->{configuration}");
$ending->start;
$ending->answers(tokens('alice', access_token => 'A'), ['3', page('revoked')]);
is($ending->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, from => outside, keep_alive => 1, count => 1)->{status}, 400, 'a token that is withheld');
my ($old) = $ending->workers;
$ending->signal('HUP');
ok(wait_for(sub { !IPFence::Gate::is_running($old) }, 3), 'the worker ends while it is revoked');
like($ending->error_log, qr/ipfence_revocation: the withheld access token may not have been revoked/, 'which is said');
$ending->finish;
done_testing;
