package IPFence::Connection;

# A client's connection: one request after another, and every byte that came for each.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

use IPFence::Http qw(parse_responses);

sub new {
    my ($class, $port, $from) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, LocalAddr => $from, Timeout => 5)
        or return undef;
    return bless {socket => $socket, select => IO::Select->new($socket), requests => 0}, $class;
}

# Sends a request and reads until its response is whole, or the peer closes, or `patience` seconds are over:
# (the bytes, the responses in them).
sub exchange {
    my ($self, $request, $patience) = @_;
    ++$self->{requests};
    my $stray = $self->stray;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $self->{socket}, $request;
    my ($raw, $deadline) = ($stray, time + $patience);
    while (!is_whole($raw) && !$self->{ended}) {
        last unless $self->{select}->can_read($deadline - time);
        $self->{ended} = 1 unless sysread $self->{socket}, $raw, 1 << 20, length $raw;
    }
    return ($raw, parse_responses($raw));
}

# What came although nothing was asked.
sub stray {
    my ($self) = @_;
    my $raw = '';
    while (!$self->{ended} && $self->{select}->can_read(0)) {
        $self->{ended} = 1 unless sysread $self->{socket}, $raw, 65536, length $raw;
    }
    return $raw;
}

# Of large answers only the ends are looked at.
sub is_whole {
    my ($raw) = @_;
    my $head = index $raw, "\r\n\r\n";
    return 0 if $head < 0;
    my $headers = substr $raw, 0, $head + 2;
    return 1 if $headers =~ m{\AHTTP/1\.[01] [23]04};
    return substr($raw, -5) eq "0\r\n\r\n" if $headers =~ /\r\nTransfer-Encoding: chunked\r\n/i;
    my ($length) = $headers =~ /\r\nContent-Length: (\d+)\r\n/i;
    return defined $length && length $raw >= $head + 4 + $length;
}

sub may_go_on { my ($self, $raw) = @_; return !$self->{ended} && is_whole($raw) && $raw !~ /\A.*?\r\nConnection: close\r\n.*?\r\n\r\n/is }

# A connection that had served before and closes without a byte was idle when the server closed it.
sub was_idle { my ($self, $raw) = @_; return $self->{requests} > 1 && $self->{ended} && $raw eq '' }

1;
