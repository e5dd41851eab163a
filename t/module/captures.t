# What the regular expression of a location has captured is what it was for nginx's own directives, whatever maps the gate has looked
# at, as those of conf/providers; and for the gate's.

use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::Keys;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => <<'CONF',
        map $uri $kind {
            volatile;
            default off;
            "~*^/(api)/(?<rest>.*)$" resource;
            "~*^/plain/" resource;
            "~*^/(.)(.)" off;
        }
        map $http_x_user $user { default ""; "~^user-(.*)$" $1; }
        map $http_x_client $client { default ""; "~^(.*)-client$" $1; }
        map $upstream_http_x_user $answered { volatile; default ""; "~^user-(.*)$" $1; }
CONF
    server => <<'CONF',
        ipfence $kind;
        location ~ ^/(?:api|plain|off)/(.*)/(.*)$ { add_header X-Captured "$1 $2"; proxy_pass http://provider/at/$1/and/$2; }
        location ~ ^/files/(.*)$ { alias DIR/$1; }
        location ~ ^/none { proxy_pass http://provider/none/$1; }
        location ~ ^/named/(.*)$ { ipfence resource; ipfence_user $user; ipfence_client_address $client; proxy_pass http://provider/$1; }
        location ~ ^/answered/(.*)/(.*)$ { ipfence resource; ipfence_user $answered; add_header X-Captured "$1 $2"; proxy_pass http://provider/$1; }
        location ~ ^/verified/(.*)$ { ipfence verification; ipfence_verified $answered; add_header X-Captured "$1"; proxy_pass http://provider/$1; }
        location ~ ^/(?:parts)/(.*)$ { ipfence off; ssi on; ssi_types *; add_header X-Captured "$1"; proxy_pass http://provider/$1; }
CONF
);
$gate->write_file('hello.txt', 'hello');

sub get { my ($path, @headers) = @_; return $gate->request(method => 'GET', path => $path, headers => \@headers) }
sub asked { return join ', ', map { /\A(\S+ \S+)/ } $gate->provider_saw }

$gate->answers(page('ok'));
for my $path ('api', 'plain', 'off') {
    my $response = get("/$path/one/two");
    is("$response->{status} " . join(' ', IPFence::Http::header($response, 'X-Captured')), '200 one two', "/$path: answered, and the answer says so");
    is(asked(), 'GET /at/one/and/two', "/$path: the provider is asked for what nginx captured");
}
is(get('/files/hello.txt')->{body}, 'hello', 'a file is found');
get('/none');
is(asked(), 'GET /none/', 'nothing is captured where nothing was');
is(get('/named/path', ['X-User', 'user-alice'], ['X-Client', '127.0.1.9-client'])->{status}, 200, 'user and address come by captures of their own');
my $line = $gate->last_audit;
is(join(' ', map { $_ // '-' } @$line{qw(user ip)}, asked()), 'alice 127.0.1.9 GET /path', 'which stay their own');
$gate->answers(page('ok', 'X-User: user-alice'));
for my $case (['/answered/one/two', 'one two'], ['/verified/one', 'one']) {
    my ($path, $captured) = @$case;
    my $response = get($path);
    is("$response->{status} " . join(' ', IPFence::Http::header($response, 'X-Captured')), "200 $captured", "$path: an answer's header does not change it");
}
asked();
$gate->answers(page('<!--# include virtual="/api/three/four" --> <!--# include virtual="/off/five/six" -->'), page('part'));
my $whole = get('/parts/page');
is($whole->{body}, 'part part', 'parts of a page are found by what they capture');
is(join(' ', asked(), IPFence::Http::header($whole, 'X-Captured')), 'GET /page, GET /at/three/and/four, GET /at/five/and/six page', 'and the page by what it does');
$gate->finish;

# What a JWT must carry may be named by what was captured, whatever the kind was found by.
my $key = make_key(tempdir(CLEANUP => 1) . '/key.pem');
my $tenants = gate(
    policy => world(),
    http => 'map $uri $kind { volatile; default off; "~*^/(realms)/([^/]+)/api" resource; }',
    files => {'jwks.json' => key_set(jwk($key, 'one'))},
    server => 'ipfence $kind; location ~ ^/realms/([^/]+)/(api)$ { ipfence_jwks jwks.json; ipfence_issuer https://idp.test/$1; ipfence_audience $2; proxy_pass http://provider; }',
);
$tenants->answers(page('ok'));
my $token = sign($key, {iss => 'https://idp.test/one', aud => 'api', sub => 'alice', exp => time + 600});
for my $case (['one', 200], ['two', 401]) {
    my ($realm, $status) = @$case;
    is($tenants->request(method => 'GET', path => "/realms/$realm/api", headers => [['Authorization', "Bearer $token"]])->{status}, $status, "a token of realm one at realm $realm");
}
$tenants->finish;
done_testing;
