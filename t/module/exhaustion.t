# What costs an attacker little must not cost the gate much (catalogue, group M).

use strict;
use warnings;
use Test::More;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=learned:1m; client_body_timeout 1s; lingering_close off; large_client_header_buffers 8 16k;',
    server => <<'CONF',
        ipfence_session_cookie session;
        location /token { ipfence token; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
CONF
);
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my ($worker) = $gate->workers;

sub ticks { my @stat = split ' ', IPFence::Gate::read_whole("/proc/$worker/stat"); return $stat[13] + $stat[14] }

# Milliseconds of the worker's time that each of `count` requests takes.
sub cost {
    my ($count, $send) = @_;
    my $before = ticks();
    $send->() for 1 .. $count;
    return (ticks() - $before) * 10 / $count;
}

# Names and values of every size are looked at once; none is a pattern's input.
my %hostile = (
    'M05: a client_id of 50 kB' => [form({%password, client_id => 'a' x 50_000}), 200],
    'M03: sixty parameters of one hash' => [join('&', form(\%password), map { "x$_=" } 1 .. 59), 200],
    'M03: as many parameters as fit' => [join('&', map { "$_=" } 1 .. 10_000), 400],
    'M14: escapes to the end' => ['%' x 60_000, 400],
    'M14: an escape that is cut off' => ['grant_type=password%', 400],
    'M14: another' => ['grant_type=password%4', 400],
    'only ampersands' => ['&' x 60_000, 400],
);
for my $what (sort keys %hostile) {
    my ($body, $status) = @{$hostile{$what}};
    is($gate->request(body => $body)->{status}, $status, $what);
    cmp_ok(cost(10, sub { $gate->request(body => $body) }), '<', 10, "$what: costs less than 10 ms");
}

# M14: lengths at the edge of what an integer holds.
for my $length ('9223372036854775807', '9223372036854775808', '18446744073709551615', '-1', '4294967296') {
    my $response = $gate->send_raw("POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: $length\r\nConnection: close\r\n\r\na=b", timeout => 1);
    like($response->{status}, qr/\A4(?:00|13)\z/, "M14: a Content-Length of $length");
}

# M12: cookies, many and large.
for my $case (
    ['a thousand names' => join('; ', map { "c$_=v" } 1 .. 1000)],
    ['one name, a thousand times' => join('; ', ('session=v') x 1000)],
    ['only separators' => ';' x 15_000],
    ['one of 15 kB' => 'session=' . 'v' x 15_000],
) {
    my ($what, $cookie) = @$case;
    my $send = sub { $gate->request(method => 'GET', path => '/password', headers => [map { ['Cookie', $cookie] } 1 .. 4]) };
    like($send->()->{status}, qr/\A(?:200|400|403)\z/, "M12: four Cookie lines, $what: " . $gate->{last}{response} =~ s/\r.*//sr);
    cmp_ok(cost(10, $send), '<', 10, "M12: $what: costs less than 10 ms");
}

# M04: JSON in a token, as deep and as wide as a header holds.
for my $case (['deep' => '{"a":' . '[' x 6000 . ']' x 6000 . '}'], ['wide' => '{' . join(',', map { qq("$_":1) } 1 .. 1200) . '}'],
    ['a number of ten thousand digits' => '{"exp":' . '9' x 10_000 . '}']) {
    my ($what, $claims) = @$case;
    my $send = sub { $gate->request(method => 'GET', path => '/api', headers => [['Authorization', 'Bearer ' . jwt($claims)]]) };
    is($send->()->{status}, 403, "M04: claims that are $what identify nobody");
    cmp_ok(cost(10, $send), '<', 10, "M04: $what: costs less than 10 ms");
}

# M01: a body that never ends, a hundred of them: others are served meanwhile, and nginx ends them.
my @slow = map {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $gate->{port}) or die;
    print $socket "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\ngrant_type=";
    $socket->flush;
    $socket;
} 1 .. 100;
is($gate->token(\%password)->{status}, 200, 'M01: beside a hundred bodies that do not come, others are served');
my $deadline = time + 5;
my $open = @slow;
while ($open && time < $deadline) {
    sleep 0.1;
    $open = grep { my $byte = ''; $_->blocking(0); my $read = sysread $_, $byte, 1000; !defined $read } @slow;
}
is($open, 0, 'M01: which end after client_body_timeout');
close $_ for @slow;
$gate->provider_saw;
is($gate->token(\%password)->{status}, 200, 'and the gate goes on');
is(scalar(my @seen = $gate->provider_saw), 1, 'M01: of a request that was not whole nothing was forwarded');

$gate->finish;

# M02: answers that are held are as large as the limit at most, and clients that take theirs slowly keep no more than that.
subtest 'clients that do not read' => sub {
    my $slow = gate(policy => world(), listen => 'sndbuf=4k', http => 'ipfence_zone zone=learned:1m; send_timeout 3s;');
    my ($process) = $slow->workers;
    my $memory = sub { return (IPFence::Gate::read_whole("/proc/$process/status") =~ /VmRSS:\s+(\d+)/)[0] };    # kB
    my $body = form({grant_type => 'authorization_code', code => 'c', client_id => 'web'});
    my $clients = 40;
    my $round = sub {
        my @sockets = map {
            my $socket = IO::Socket::INET->new(Proto => 'tcp') or die;
            $socket->sockopt(IO::Socket::SO_RCVBUF(), 2048);
            connect $socket, IO::Socket::pack_sockaddr_in($slow->{port}, IO::Socket::inet_aton('127.0.0.1')) or die "connect: $!";
            syswrite $socket, "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${\ length $body}\r\n\r\n$body";
            $socket;
        } 1 .. $clients;
        my $until = time + 15;
        my @lines;
        while (@lines < $clients && time < $until) { push @lines, $slow->audit; sleep 0.02 }
        is(scalar(grep { $_->{decision} eq 'allow' } @lines), $clients, 'M02: all are judged') or diag join ' ', map { "$_->{decision} $_->{reason}" } @lines;
        is($slow->token({%password, client_id => 'web'})->{status}, 200, 'M02: and another client is served meanwhile');
        $slow->audit;
        return @sockets;
    };
    $slow->answers(tokens('robin', padding => 'x' x 50_000));
    my $connections = sub { return scalar(() = glob "/proc/$process/fd/*") };
    $slow->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'});    # what the worker maps once is no client's
    $slow->audit;
    my ($before, $idle) = ($memory->(), $connections->());
    my @sockets = $round->();
    my $held = $memory->() - $before;
    my $times = $ENV{IPFENCE_SANITIZE} ? 16 : 4;    # the sanitizers keep what is freed
    cmp_ok($held / $clients, '<', $times * 64, "M02: a client that does not read costs less than $times times the limit: " . int($held / $clients) . ' kB');
    close $_ for @sockets;
    for (1 .. 500) { last if $connections->() < $idle + 5; sleep 0.02 }    # until the worker has noticed
    @sockets = $round->();
    cmp_ok($memory->() - $before, '<', ($ENV{IPFENCE_SANITIZE} ? 3 : 1.5) * $held + 1000, 'M02: and when they have gone, others take their place');
    close $_ for @sockets;
    $slow->answers(tokens('robin', padding => 'x' x 70_000));
    is($slow->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'})->{status}, 502, 'M02: an answer above the limit is not held at all');
    $slow->finish;
};
done_testing;
