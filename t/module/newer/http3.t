# HTTP/3, which nginx has since 1.25: the same decisions, by the address that nginx has of each request (C24, Q08), with
# answers that are held, and clients that leave. The client is Chromium.

use strict;
use warnings;
use IPC::Open2 qw(open2);
use JSON::PP;
use Test::More;
use IPFence::Certificate;
use IPFence::Gate;
use IPFence::World;

plan skip_all => 'nginx has HTTP/3 since 1.25' if !nginx_since('1.25.0');

my $policy = world();
$policy->{profiles}{here} = {login_ip_ranges => ['127.0.0.1']};
$policy->{users}{bob} = 'here';

my $port = IPFence::Gate::free_port();
my $gate = gate(
    policy => $policy, files => {make_certificate()}, workers => 2,
    http => <<"CONF");
    ipfence_zone zone=tokens:1m;
    ipfence_session_cookie sid;
    server {
        listen 127.0.0.1:$port quic reuseport;
        ssl_certificate cert.pem;
        ssl_certificate_key key.pem;
        location = / { ipfence off; default_type text/html; return 200 "<title>here</title>"; }
        location /token { ipfence token; proxy_pass http://provider; }
        location /proxied { ipfence token; ipfence_client_address \$http_x_address; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
    }
CONF

my $client = open2(my $answers, my $requests, 't/e2e/node/node', 't/browser/http3_client.mjs', $port, $gate->file('cert.pem'));
$requests->autoflush(1);

sub fetch {
    my ($path, %request) = @_;
    print $requests JSON::PP->new->canonical->encode({path => $path, %request}), "\n";
    my $answer = decode_json(readline($answers) // die 'the client ended');
    is($answer->{protocol}, 'h3', "$path by HTTP/3") if defined $answer->{protocol};
    return $answer;
}
sub post { my ($path, $parameters, %headers) = @_; return fetch($path, method => 'POST', body => form($parameters), headers => {'Content-Type' => 'application/x-www-form-urlencoded', %headers}) }
my %code = (grant_type => 'authorization_code', code => 'c', client_id => 'web');

$gate->answers(tokens('bob', access_token => 'access-of-bob'));
is(post('/token', {%code})->{status}, 200, 'whose range has the address: the code is exchanged');
my $line = $gate->last_audit;
is_deeply([@$line{qw(decision reason rule ip peer user)}], ['allow', 'login_ip_range', '127.0.0.1', '127.0.0.1', '127.0.0.1', 'bob'], 'by the address of the client');

$gate->answers(tokens('alice', access_token => 'canary') =~ s/\r\n/\r\nSet-Cookie: sid=canary\r\n/r);
my $denied = post('/token', {%code});
is($denied->{status}, 400, 'whose range has not: the answer was held');
unlike(JSON::PP->new->encode($denied), qr/canary/, 'and nothing of it leaves');
like($denied->{body}, qr/ip restricted/, 'but the denial');

$gate->answers(tokens('alice', access_token => 'access-of-alice'));
is(post('/proxied', {%code}, 'X-Address' => inside)->{status}, 200, 'an address that a configuration finds elsewhere');
is(post('/proxied', {%code, padding => 'x' x 30_000}, 'X-Address' => inside)->{status}, 200, 'also with a form of many packets');
is(post('/proxied', {%code}, 'X-Address' => outside)->{status}, 400, 'from elsewhere it is denied');

$gate->answers(page('data'));
my %with_token = map { my $user = $_; $user => {Authorization => "Bearer access-of-$user"} } qw(alice bob);
is(fetch('/api', headers => $with_token{bob})->{body}, 'data', 'a token that was remembered');
is(fetch('/api', headers => $with_token{alice})->{status}, 403, 'and one of whom it does not let in here');
is(fetch('/password', method => 'POST', headers => $with_token{alice})->{status}, 403, 'nor to a page');
is(fetch('/password', method => 'POST', headers => $with_token{bob})->{status}, 200, 'where the other may be');

$gate->provider_saw;
is(fetch('/token', method => 'QUERY', body => form({%code}))->{status}, 405, 'another method');
is(post('/token', {%code}, 'Content-Type' => 'text/plain')->{status}, 415, 'another type');
is(fetch('/api', headers => {Authorization => 'Bearer x, Bearer y'})->{status}, 400, 'two tokens');
is(scalar(my @saw = $gate->provider_saw), 0, 'are for nobody');

subtest 'who leaves while the answer is held' => sub {
    $gate->answers([1, tokens('bob', access_token => 'late')]);
    is(fetch('/token', method => 'POST', body => form({%code}), leave => 200,
        headers => {'Content-Type' => 'application/x-www-form-urlencoded'})->{error}, 'TimeoutError', 'sees nothing');
    ok(wait_for(sub { ($gate->audit)[-1] }), 'and is audited');
    $gate->answers(page('data'));
    is(fetch('/api', headers => $with_token{bob})->{status}, 200, 'another one is answered on');
};

$gate->reload;
is(fetch('/api', headers => $with_token{bob})->{status}, 200, 'as after a reload');
close $requests;
waitpid $client, 0;
is($?, 0, 'the client has seen nothing else');
$gate->finish;
done_testing;
