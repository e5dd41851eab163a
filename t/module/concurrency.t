# Requests that meet: on one connection, in several workers, and with one and the same credential.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(
    policy => world(),
    workers => 4,
    http => 'ipfence_zone zone=learned:2m;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /forgotten { proxy_pass http://provider; }
CONF
    expected_log => [qr/ipfence_guard: refused/],
);
my %code = (grant_type => 'authorization_code', client_id => 'web');

sub raw {
    my ($method, $path, $body, @headers) = @_;
    push @headers, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: ' . length $body if length $body;
    return join("\r\n", "$method $path HTTP/1.1", 'Host: gate.test', @headers) . "\r\n\r\n$body";
}

# K14: each request on a connection is decided for itself, whatever the one before it was.
$gate->answers(tokens('alice', access_token => 'A1', refresh_token => 'R1'));
my @answers = $gate->send_raw(
    raw('POST', '/token', form({%code, code => 'c1'})) . raw('GET', '/api', '', 'Authorization: Bearer A1')
        . raw('GET', '/api', '', 'Authorization: Bearer nobody') . raw('GET', '/api', '', 'Authorization: Bearer A1')
        . raw('POST', '/forgotten', 'a=b', 'Connection: close'),
    count => 5);
is(join(' ', map { $_->{status} } @answers), '200 200 403 200 500', 'K14: five requests in one go, each with its own verdict');
is(scalar(my @seen = $gate->provider_saw), 3, 'K14: the two that were denied did not reach the provider');
is(join(' ', map { $_->{reason} } $gate->audit), 'login_ip_range login_ip_range user_unidentified login_ip_range',
    'K14: and the audit log has them in their order');

# I09: a token is known to every worker before its first byte leaves.
my ($known, $logins) = (0, 60);
for my $n (1 .. $logins) {
    $gate->answers(tokens('alice', access_token => "race-$n"));
    $gate->token({%code, code => "race-$n"});
    $known += $gate->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer race-$n"]])->{status} == 200;
}
is($known, $logins, "I09: $logins tokens, each used at once on a new connection, are known to whichever worker it falls to");
is($gate->request(method => 'GET', path => '/api', headers => [['Authorization', 'Bearer race-0']])->{status}, 403, 'I09: one that nobody issued is not');

# Sends requests at the same moment, each from an address of its own; the statuses.
sub at_once {
    my (@requests) = @_;
    my @children;
    for my $request (@requests) {
        my ($bytes, $from) = @$request;
        pipe my $read, my $write or die "pipe: $!";
        my $pid = fork // die "fork: $!";
        if ($pid == 0) {
            my ($response) = IPFence::Http::parse_responses(IPFence::Http::exchange($gate->{port}, $bytes, from => $from));
            print $write $response->{status} // 'none';
            close $write;
            POSIX::_exit(0);
        }
        push @children, [$pid, $read];
    }
    return map { my ($pid, $read) = @$_; waitpid $pid, 0; <$read> // 'none' } @children;
}

# F21: one refresh token, from inside and from outside at once: the one never lends the other its address.
$gate->answers(tokens('alice', access_token => 'A2', refresh_token => 'R2'));
is($gate->token({%code, code => 'c2'})->{status}, 200, 'a session');
$gate->audit;
$gate->provider_saw;
$gate->answers(tokens('alice', access_token => 'A3', refresh_token => 'R3'));
my $refresh = raw('POST', '/token', form({grant_type => 'refresh_token', refresh_token => 'R2', client_id => 'web'}), 'Connection: close');
my $rounds = 12;
my @statuses = map { at_once([$refresh, inside], [$refresh, outside]) } 1 .. $rounds;
is(join(' ', @statuses), join(' ', ('200 400') x $rounds), "F21: $rounds pairs: inside is answered, outside denied");
is(scalar(@seen = $gate->provider_saw), $rounds, 'F21: the provider saw those from inside only');
my %lines;
++$lines{"$_->{ip} $_->{reason}"} for $gate->audit;
is_deeply(\%lines, {inside . ' login_ip_range' => $rounds, outside . ' outside_login_ip_ranges' => $rounds}, 'F21: both are audited, each time');

$gate->finish;
done_testing;
