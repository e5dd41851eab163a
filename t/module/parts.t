# What nginx fetches beside an answer for the same request, slices of it and what its cache is renewed with, is decided with that
# request, and the guard lets it pass.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'proxy_cache_path DIR/cache keys_zone=cached:1m; proxy_cache cached; proxy_cache_key $uri$slice_range;',
    server => <<'CONF',
        location /sliced { ipfence resource; slice 10; proxy_set_header Range $slice_range; proxy_cache_valid 206 1h; proxy_pass http://provider; }
        location /renewed { ipfence resource; proxy_cache_valid 200 1s; proxy_cache_use_stale updating; proxy_cache_background_update on; proxy_pass http://provider; }
        location /undecided { slice 10; proxy_set_header Range $slice_range; proxy_pass http://provider; }
CONF
    expected_log => [qr/ipfence_guard: refused/],
);
my $whole = join '', map { $_ x 10 } 'a' .. 'c';

sub slice {
    my ($at, @headers) = @_;
    return join "\r\n", 'HTTP/1.1 206 Partial Content', @headers, "Content-Type: text/plain\r\nETag: \"e\"\r\nContent-Range: bytes $at-${\ ($at + 9)}/30\r\n"
        . "Content-Length: 10\r\n\r\n" . substr $whole, $at, 10;
}
sub get { my ($path, %with) = @_; return $gate->request(method => 'GET', path => $path, %with) }

$gate->answers(map { slice($_) } 0, 10, 20);
is(get('/sliced')->{body}, $whole, 'an answer in slices is whole');
is(scalar $gate->provider_saw, 3, 'of three requests');
is(scalar(my @lines = $gate->audit), 1, 'which are decided as one');
is(get('/sliced', from => outside, headers => [['Authorization', 'Bearer unknown']])->{status}, 403, 'from the cache for whoever may have it');

$gate->answers(page('first'));
is(get('/renewed')->{body}, 'first', 'an answer that is cached');
sleep 2.1;
$gate->answers(page('second'));
get('/renewed');
ok(wait_for(sub { get('/renewed')->{body} eq 'second' }, 2), 'is renewed in the background');

# Of an answer that is to be judged, the first slice is all that the gate has: no other one leaves.
my $open = gate(
    policy => world(),
    upstream => 'keepalive 4;',
    server => <<'CONF',
        slice 10;
        proxy_set_header Range $slice_range;
        location /held { ipfence authorization; proxy_pass http://provider; }
        location /named { ipfence resource; ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
CONF
    expected_log => [qr/comes in slices/],
);
for my $case (['/held', inside, 502], ['/held', outside, 502], ['/named', outside, 403], ['/named', inside, 200]) {
    my ($path, $from, $status) = @$case;
    $open->answers(map { slice($_, 'X-User: alice') } 0, 10, 20);
    is($open->request(method => 'GET', path => $path, from => $from)->{status}, $status, "$path in slices, from $from");
    like($open->{last}{response}, $status == 200 ? qr/$whole/ : qr/\}\z/, 'nothing follows the answer');
}
$open->finish;

$gate->provider_saw;
is(get('/undecided')->{status}, 500, 'a location that decides nothing is refused');
is(scalar $gate->provider_saw, 0, 'at the first slice');
$gate->finish;
done_testing;
