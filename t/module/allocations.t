# Every allocation that a request makes, made to fail once, and from there on: whoever is to be denied gets nothing, the
# worker lives, and the next request is answered as if nothing had been (catalogue, P9 and K13).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Allocations;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    stopped => 1,
    policy => world(),
    http => 'ipfence_zone zone=learned:1m; ipfence_session_cookie sid; ipfence_revocation /revoke;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /api { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
        location = /revoke { internal; ipfence off; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
CONF
    expected_log => [qr/Cannot allocate memory|no memory to /],
);
my $allocations = IPFence::Allocations->new($gate);
$gate->start;
my ($worker) = $gate->workers;

sub post { my ($path, $parameters, %with) = @_; return sub { $gate->request(path => $path, body => form($parameters), from => $_[0], %with) } }
sub get { my ($path, @headers) = @_; return sub { $gate->request(method => 'GET', path => $path, from => $_[0], headers => [@headers]) } }

# What is known beforehand: a session, an access token and a refresh token of alice.
$gate->answers(redirect('https://app.test/cb?code=known', set_cookie('sid', 'of-alice')));
get('/auth?client_id=web')->(inside);
$gate->answers(tokens('alice', access_token => 'access', refresh_token => 'refresh'));
is(post('/token', {grant_type => 'authorization_code', code => 'known', client_id => 'web'})->(inside)->{status}, 200, 'alice has signed in');

my $session = ['Cookie', 'sid=of-alice'];
my %requests = (
    'a password' => [page('ok'), post('/token', {grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'})],
    'a code' => [tokens('alice', access_token => 'new'), post('/token', {grant_type => 'authorization_code', code => 'c', client_id => 'web'})],
    'a refresh token' => [tokens('alice', access_token => 'new'), post('/token', {grant_type => 'refresh_token', refresh_token => 'refresh', client_id => 'web'})],
    'an access token' => [page('ok'), get('/api', ['Authorization', 'Bearer access'])],
    'an access token to ask about' => [json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web'}), get('/api', ['Authorization', 'Bearer unseen'])],
    'a password change' => [page('ok'), post('/password', {new => 1}, headers => [$session])],
    'an authorization' => [redirect('https://app.test/cb?code=x'), get('/auth?client_id=web', $session)],
    'an implicit answer' => [redirect('https://app.test/cb#access_token=i&id_token=' . jwt({sub => 'alice'})), get('/auth?client_id=web')],
);
$requests{'a password'}[0] = json_answer({access_token => 'opaque'});

my $is_allowed = qr/\A(?:200|303)\z/;
for my $what (sort keys %requests) {
    my ($answer, $send) = @{$requests{$what}};
    $gate->answers($answer);
    for my $persistent (0, 1) {
        my ($failed, $wrong, $odd) = (0, 0, 0);
        for (my $number = 0; $number < 400; ++$number) {
            my $left = 0;
            for my $from (outside, inside) {
                $allocations->plan($number, $persistent);
                my $status = ($send->($from) // {})->{status} // 0;
                $left = $allocations->left;
                $allocations->plan(-1, 0);
                    ++$wrong if $from eq outside && $status =~ $is_allowed;
            }
            last if $left > 0;
            ++$failed;
            ++$odd if $number % 5 == 0 && $send->(inside)->{status} !~ $is_allowed;
        }
        my $how = $persistent ? 'and all that follow' : 'once';
        is($wrong, 0, "P9, K13: $what: $failed allocations fail, $how: nothing is allowed outside");
        is($odd, 0, "P9: $what: the next request inside is allowed");
        cmp_ok($failed, '>', 3, "P9: $what: there were some") unless $ENV{IPFENCE_SANITIZE};    # whose allocator comes first
    }
}
my ($now) = $gate->workers;
is($now, $worker, 'P9: the worker lives');
$gate->finish;
done_testing;
