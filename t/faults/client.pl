# Clients that go away while the gate reads, holds or asks, and clients that take every connection.

package IPFence::Fault::Client;

use strict;
use warnings;
use IO::Socket::INET;
use IPFence::Exhaustion;
use IPFence::Fault;

fault clients_gone => (
    id => 'M09',
    gate => gate_of_everything(),
    load => load_of_everything(hurried => 0.5, padding => 50_000),
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        return in_turn($seconds / 8, $end, map { my $now = $_; sub { $gate->{provider}->behaves($now) } } qw(well slow));
    },
    mend => sub { my ($gate) = @_; $gate->{provider}->behaves('well') },
    says => qr/(client [^\n]*closed (?:keepalive )?connection)/,
    strict => ['bearer'],
);

# Requests that are begun and not gone on with: nginx may not close them to make room.
fault connections_full => (
    id => 'M11',
    gate => gate_of_everything(expected_log => [qr/worker_connections are not enough/]),
    load => load_of_everything(),
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my @held;
        my $hold = sub {
            for (1 .. 600) {
                my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $gate->{port}, Timeout => 1) or last;
                syswrite $socket, 'POST /token HTTP/1.1';
                push @held, $socket;
            }
        };
        return in_turn($seconds / 6, $end, $hold, sub { @held = () });
    },
    says => qr/(\d+ worker_connections are not enough)/,
    strict => ['bearer'],
);

1;
