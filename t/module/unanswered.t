# A request that ends before its answer could be judged: nothing of the answer leaves, and the audit log says so.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=learned:1m;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /monitored { ipfence token; ipfence_mode monitor; proxy_pass http://provider/token; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /tried { ipfence token; root DIR; try_files $uri @tried; }
        location /posted { ipfence token; root DIR; error_page 404 405 = @tried; }
        location @tried { ipfence token; proxy_pass http://provider; }
CONF
    expected_log => [qr/upstream/],
);
my %code = (grant_type => 'authorization_code', code => 'c', client_id => 'web');
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $token = '"access_token":"SECRET"';

# The lines that come of a request, once there are `count`, and that there are no more.
sub lines {
    my ($count) = @_;
    my @lines;
    my $deadline = time + 5;
    do { sleep 0.02; push @lines, $gate->audit } until @lines >= $count || time > $deadline;
    sleep 0.1;
    push @lines, $gate->audit;
    return join ', ', map { "$_->{phase} $_->{decision} $_->{reason}" . ($_->{enforced} ? '' : ' (monitor)') } @lines;
}

# Chunks that are none, which nginx takes for a provider that cannot be talked to.
my $broken = ["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n18\r\n{$token\r\n", '0.2', "ZZ\r\n"];
for my $case (
    ['a code' => \%code, 'response deny response_incomplete'],
    ['a typed user' => \%password, 'request allow login_ip_range, response deny response_incomplete'],
) {
    my ($what, $parameters, $expected) = @$case;
    $gate->answers($broken);
    $gate->token($parameters);
    unlike($gate->{last}{response}, qr/SECRET/, "$what, broken chunks: nothing of the answer leaves");
    is(lines(1 + ($expected =~ tr{,}{})), $expected, 'and the audit log says so');
}

# A client that does not wait.
sub leave {
    my ($path, $parameters) = @_;
    my $socket = $gate->begin_form($path, $parameters);
    sleep 0.15;
    close $socket;
}
my $slow = ["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n{$token", '0.5', '}'];
for my $case (
    ['/token', \%code, 'response deny client_left'],
    ['/token', \%password, 'request allow login_ip_range, response deny client_left'],
    ['/monitored', \%code, 'response deny client_left (monitor)'],
    ['/auth', {client_id => 'web', response_type => 'code'}, 'response deny client_left'],
) {
    my ($path, $parameters, $expected) = @$case;
    for my $answer ($slow, ['0.5', @$slow]) {
        $gate->answers($answer);
        leave($path, $parameters);
        is(lines(1 + ($expected =~ tr{,}{})), $expected, "$path: the client left while the answer " . ($answer == $slow ? 'came' : 'was waited for'));
        sleep 0.6;
    }
}

# What nginx puts another answer in the place of was not judged either.
$gate->answers("HTTP/1.1 200 OK\r\nX-Accel-Redirect: /api\r\nContent-Length: 0\r\n\r\n", json_answer('{}'));
$gate->token(\%code);
is(lines(2), 'response deny response_incomplete, request allow no_credential', 'X-Accel-Redirect to another kind: both are audited');

# Where nobody was asked yet when nginx led the request on, no answer is lost.
for my $path ('/tried', '/posted') {
    $gate->answers(tokens('alice', access_token => 'A'));
    is($gate->token(\%code, path => $path)->{status}, 200, "$path: a request that is led on is answered");
    is(lines(1), 'response allow login_ip_range', 'which is one line');
    is($gate->token(\%code, path => $path, from => outside)->{status}, 400, "$path: outside it is denied");
    is(lines(1), 'response deny outside_login_ip_ranges', 'which is one line, too');
    $gate->token(\%password, path => $path);
    is(lines(2), 'request allow login_ip_range, request allow login_ip_range', "$path: what is decided at once is decided in both places");
}

# The twins, which end as they should.
$gate->answers(tokens('alice', access_token => 'A'));
is($gate->token(\%code)->{status}, 200, 'a whole answer');
is(lines(1), 'response allow login_ip_range', 'is one line');
$gate->answers("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n{$token}\r\n0\r\n\r\n");
is($gate->token(\%password)->{status}, 200, 'a chunked one');
is(lines(1), 'request allow login_ip_range', 'is one line, too');
$gate->answers($slow);
leave('/api', {});
is(lines(1), 'request allow no_credential', 'an answer that nobody judges may be left');

$gate->finish;
done_testing;
