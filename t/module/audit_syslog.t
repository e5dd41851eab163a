# The audit log by syslog: a message a decision, over UDP and a socket.

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;
use Test::More;
use File::Temp qw(tempdir);
use Socket qw(SOCK_DGRAM);
use IPFence::Gate;

my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => 0) or die $!;
my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
my $unix = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "$directory/log") or die $!;
chmod 0777, "$directory/log";

# The message after this priority and tag, read from the socket; undef where none comes.
sub message {
    my ($socket) = @_;
    return undef unless IO::Select->new($socket)->can_read(2);
    $socket->recv(my $text, 65536);
    return $text;
}

my $port = $udp->sockport;
my $gate = gate(
    own_audit => 1,
    expected_log => [qr/send\(\) failed|connect\(\) failed/],
    http => 'ipfence_audit AUDIT;',
    server => <<"CONF",
        location /token { ipfence token; ipfence_audit syslog:server=127.0.0.1:$port,facility=auth,severity=notice,tag=gate,nohostname; proxy_pass http://provider; }
        location /socket { ipfence token; ipfence_audit syslog:server=unix:$directory/log; proxy_pass http://provider; }
        location /file { ipfence token; proxy_pass http://provider; }
        location /off { ipfence token; ipfence_audit off; proxy_pass http://provider; }
CONF
);
my %alice = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

is($gate->token(\%alice)->{status}, 200, 'a login');
my $text = message($udp) // '';
like($text, qr/\A<37>\w{3} [ \d]\d \d\d:\d\d:\d\d gate: \{.*\}\z/, 'one message, with facility, severity and tag');
my $line = decode_json($text =~ s/\A[^{]*//r || '{}');
is("$line->{user} $line->{decision} $line->{reason}", 'alice allow login_ip_range', 'and the line in it');

is($gate->token(\%alice, path => '/socket', from => outside)->{status}, 400, 'a denied one');
$text = message($unix) // '';
like($text, qr/\A<190>.* nginx: \{.*"decision":"deny".*\}\z/, 'over a socket, as nginx sends by default');

# Quotes need no escape in a form, and one in JSON.
for my $name ('"' x 60_000, 'a' . '%C3%A9' x 600 . '"' x 55_000) {
    $gate->request(body => "grant_type=password&username=alice&password=pw&client_id=$name", from => outside);
    $text = message($udp) // '';
    my $long = eval { decode_json($text =~ s/\A[^{]*//r) } // {};
    is("$long->{user} $long->{decision} $long->{reason}", 'alice deny outside_login_ip_ranges', 'a client_id that makes a line of more than a datagram is no way to have it lost');
    is($long->{app}, $name =~ /\Aa/ ? 'a' . "\xe9" x 499 : '"' x 1000, 'it is cut, and between characters');
}

$gate->token(\%alice, path => '/off');
is(scalar(my @none = $gate->audit), 0, 'off is off');
$gate->token(\%alice, path => '/file');
is(scalar(my @lines = $gate->audit), 1, 'a location without its own has the file');

# A syslog server that is gone holds nobody up.
close $udp;
close $unix;
unlink "$directory/log";
is($gate->token(\%alice)->{status}, 200, 'without a server the answer is the same') for 1 .. 3;
is($gate->token(\%alice, path => '/socket')->{status}, 200, 'without a socket, too') for 1 .. 2;

$gate->finish;
done_testing;
