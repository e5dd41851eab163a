# Headers with which frameworks replace the method or the path that the gate judged (A18, A20).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

my $gate = gate(server => <<'CONF');
    location /token { ipfence token; proxy_pass http://provider; }
    location /auth { ipfence authorization; proxy_pass http://provider; }
    location /api { ipfence resource; proxy_pass http://provider; }
    location /password { ipfence password_change; proxy_pass http://provider; }
    location /register { ipfence verification_registration; proxy_pass http://provider; }
    location /flow { ipfence login_flow; proxy_pass http://provider; }
    location /verify { ipfence verification; proxy_pass http://provider; }
    location /revoke { ipfence revocation; proxy_pass http://provider; }
    location /logout { ipfence logout; proxy_pass http://provider; }
    location /watched { ipfence resource; ipfence_mode monitor; proxy_pass http://provider; }
    location /off { ipfence off; proxy_pass http://provider; }
CONF

my @overrides = (
    ['X-HTTP-Method-Override', 'POST'], ['x-http-method', 'PUT'], ['X-Method-Override', 'DELETE'],
    ['X-Original-URL', '/token'], ['x-rewrite-url', '/password'],
);

sub ask {
    my ($path, @headers) = @_;
    return $gate->token({grant_type => 'password', username => 'robot', password => 'p', client_id => 'web'}, headers => \@headers)
        if $path eq '/token';
    return $gate->request(method => 'GET', path => "$path?client_id=web", body => '', headers => \@headers);
}

# What a proxy says of a request to whoever decides for it decides nothing here, and goes no further.
my @claims = (['X-Forwarded-Uri', '/public'], ['x-original-method', 'GET'], ['X-Forwarded-Proto', 'https']);
sub seen_claims {
    my ($path) = @_;
    is(ask($path, @claims)->{status}, 200, "$path with claims passes");
    my ($saw) = $gate->provider_saw;
    like($saw, qr/^X-Forwarded-Proto: https\r$/m, 'what is none goes on');
    return [$saw =~ /^(X-Forwarded-Uri|x-original-method):/mig];
}

for my $path (qw(/token /auth /api /password /register /flow /verify /revoke /logout)) {
    $gate->answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") if $path eq '/auth';
    cmp_ok(ask($path)->{status}, '==', 200, "$path passes");
    is(scalar $gate->provider_saw, 1, 'and reaches the provider');
    is_deeply(seen_claims($path), [], 'which gets no claims of another path or method');
    for my $override (@overrides) {
        is(ask($path, $override)->{status}, 400, "$path with $override->[0] is refused");
        is($gate->last_audit->{reason}, 'ambiguous_request', 'and audited as having two readings');
    }
    is(scalar $gate->provider_saw, 0, "none of them reaches the provider");
}

is_deeply(seen_claims($_), [qw(X-Forwarded-Uri x-original-method)], "$_: the request goes on as it is") for qw(/off /watched);

is(ask('/off', $overrides[0])->{status}, 200, 'where nothing is judged, nothing is refused');
is(scalar $gate->provider_saw, 1, 'and the provider sees it');

$gate->finish;
done_testing;
