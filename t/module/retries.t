# A provider of several servers, of which one fails: a request is sent again only where it cannot have been carried out,
# and what is remembered is the answer that the client got (catalogue, I20).

use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use IPFence::Gate;
use IPFence::World;

# Servers that come first in the upstream: one takes the connection and closes it when the request is there, on the
# other port nobody listens.
my $failing = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1') or die "listen: $!";
my $closed_port = do { my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die; $socket->sockport };

sub failing_provider {
    my ($answer) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    while (my $client = $failing->accept) {
        sysread $client, my $request, 65536;
        syswrite $client, $answer if length $answer;
        close $client;
    }
    POSIX::_exit(0);
}

sub retrying_gate {
    my ($first, $next) = @_;
    return gate(policy => world(), http => 'ipfence_zone zone=tokens:1m;',
        upstream => "server 127.0.0.1:$first max_fails=0; ipfence_guard;",
        server => "location /token { ipfence token; proxy_next_upstream $next; proxy_pass http://provider; }",
        expected_log => [qr/upstream|connect\(\) failed/]);
}

my %refresh = (grant_type => 'refresh_token', client_id => 'refresh');

# What comes of `rounds` code exchanges: [status, whether the provider that works saw it], and whose refresh tokens are known.
sub exchanges {
    my ($gate, $rounds) = @_;
    my @met;
    for my $n (1 .. $rounds) {
        $gate->answers(tokens('alice', access_token => "A$n", refresh_token => "R$n"));
        my $status = $gate->token({grant_type => 'authorization_code', code => "c$n", client_id => 'refresh'})->{status};
        push @met, [$status, scalar(my @seen = $gate->provider_saw)];
    }
    return @met;
}

my $refused = retrying_gate($closed_port, 'error timeout');
is_deeply([exchanges($refused, 4)], [([200, 1]) x 4], 'I20: what could not be sent is sent to the next server');
$refused->finish;

my $pid = failing_provider('');
my $gate = retrying_gate($failing->sockport, 'error timeout');
my @met = exchanges($gate, 6);
is_deeply([sort map { "@$_" } @met], [('200 1') x 3, ('502 0') x 3], 'I20: what was sent, and perhaps carried out, is not sent again');
$gate->answers(tokens(undef, access_token => 'new'));
$gate->audit;
for my $n (1 .. 6) {
    $gate->token({%refresh, refresh_token => "R$n"}, from => outside);
    my ($line) = $gate->audit;
    my $wanted = $met[$n - 1][0] == 200 ? 'request refresh_token' : 'response user_unidentified';
    $line->{phase} eq 'request' || $met[$n - 1][0] != 200 or fail("I20: $n was not remembered");
    is($line->{reason} // '-', 'refresh_token', "I20: the refresh token of answer $n, which the client got, is known") if $met[$n - 1][0] == 200;
    isnt($line->{reason} // '-', 'refresh_token', "I20: of exchange $n, which nobody answered, there is nothing") if $met[$n - 1][0] != 200;
}
$gate->finish;
kill KILL => $pid;
waitpid $pid, 0;

done_testing;
