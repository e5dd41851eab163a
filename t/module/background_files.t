# What takes longer to read than a request may wait is read beside the event loop: databases of addresses, and large key
# sets.

use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Geoip;
use IPFence::Keys;
use IPFence::World;

my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
my $country = country_database("$directory/country.mmdb", '127.0.4.0/24' => 'DE');

my $policy = world();
$policy->{networks} = {germany => {countries => ['DE']}};
$policy->{profiles}{office}{login_ip_ranges} = ['network:germany', '127.0.1.0/24'];
my $gate = gate(
    stopped => 1,
    policy => $policy,
    expected_log => [qr/another key of this type has the same kid/],
    http => "ipfence_geoip country=$country; ipfence_zone zone=tokens:1m; ipfence_jwks keys.json;",
    server => 'ipfence_client_address $http_x_address; location /api { ipfence resource; proxy_pass http://provider; }',
);
my ($one, $two, $three) = map { make_key($gate->file("$_.pem")) } 'one', 'two', 'three';
$gate->write_file('keys.json', key_set(jwk($one, 'one')));
is($gate->compile_preload('noted_opens.c'), 0, 'what notes who opens a file compiles');
$ENV{NOTED_OPENS} = $gate->file('opens');
$gate->start;

# Who has opened a file since this was asked last, of "event loop" and "thread".
my $seen = 0;
sub who_opened {
    my ($file) = @_;
    my @lines = split /\n/, IPFence::Gate::read_whole($gate->file('opens'));
    my @new = @lines[$seen .. $#lines];
    $seen = @lines;
    my %who = map { /\A\Q$file\E (.*)/ ? ($1 => 1) : () } @new;
    return join ', ', sort keys %who;
}

my $number = 0;
sub api {
    my ($key, $kid, $address) = @_;
    my %claims = (sub => 'alice', client_id => 'web', exp => time + 600, jti => $number++);
    my $token = sign($key, \%claims, kid => $kid);
    return $gate->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer $token"], ['X-Address', $address // '127.0.1.9']])->{status};
}

# A set with these keys among a hundred others.
sub large_set {
    my @others = map {
        my $modulus = pack 'C*', 255, map({ int rand 256 } 1 .. 254), 1;
        {kty => 'RSA', kid => "other-$_", alg => 'RS256', e => 'AQAB', n => base64url($modulus)}
    } 1 .. 100;
    return key_set(@others, @_);
}

is(who_opened('country.mmdb'), 'event loop', 'at start the process has nothing else to do');
is(api($one, 'one'), 200, 'a key of the first set');
is(api($one, 'one', '127.0.9.9'), 403, 'an address in no country');

country_database($country, '127.0.4.0/24' => 'FR', '127.0.9.0/24' => 'DE');
ok(wait_for(sub { api($one, 'one', '127.0.9.9') == 200 }), 'a database that changed is taken up');
is(who_opened('country.mmdb'), 'thread', 'and no request waited for it');
is(api($one, 'one', '127.0.4.9'), 403, 'the one before counts no more');

$gate->write_file('keys.json', key_set(jwk($one, 'one'), jwk($two, 'two')));
ok(wait_for(sub { api($two, 'two') == 200 }), 'a small key set that changed is taken up');
is(who_opened('keys.json'), 'event loop', 'at once, by the request that needs it');

$gate->write_file('keys.json', large_set(jwk($three, 'three')));
ok(wait_for(sub { api($three, 'three') == 200 }), 'so is a large one');
is(who_opened('keys.json'), 'thread', 'for which no request waited');
is(api($two, 'two'), 401, 'keys that it has not verify no more');

$gate->write_file('keys.json', large_set(jwk($two, 'two'), jwk($two, 'two')));
ok(wait_for(sub { api($three, 'three') == 200 && $gate->error_log =~ /another key of this type has the same kid/ }), 'a faulty one is logged');
is(api($three, 'three'), 200, 'and changes nothing');
is(who_opened('keys.json'), 'thread', 'nor did a request wait to hear so');

$gate->provider_saw;
$gate->finish;
done_testing;
