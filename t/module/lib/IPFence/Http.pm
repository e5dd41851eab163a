package IPFence::Http;

# Raw HTTP/1.x: bytes out, responses in, nothing hidden.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(exchange parse_responses);

# Sends bytes (or, with `segments`, several pieces with a pause between them) and reads until the peer
# closes, or until `count` whole responses are there when that is given. It waits `timeout` seconds (10) in all, and `more`
# seconds at most, where that is given, for whatever follows the first response.
sub exchange {
    my ($port, $bytes, %with) = @_;
    my $socket = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port, LocalAddr => $with{from}, Timeout => 5)
        or return '';
    my @pieces = $with{segments} ? cut($bytes, $with{segments}) : ($bytes);
    for my $piece (@pieces) {
        syswrite $socket, $piece;
        sleep $with{pause} // 0.002 if @pieces > 1;
    }
    my ($raw, $deadline) = ('', time + ($with{timeout} // 10));
    my $select = IO::Select->new($socket);
    while (time < $deadline) {
        last unless $select->can_read($deadline - time);
        last unless sysread $socket, $raw, 1 << 20, length $raw;
        next if !$with{count} || $select->can_read(0);    # to look at megabytes again for each part of them takes seconds
        my $whole = grep { $_->{whole} } parse_responses($raw);
        last if $whole >= $with{count};
        $deadline = time + $with{more} if $with{more} && $whole == 1;
    }
    close $socket;
    return $raw;
}

sub cut {
    my ($bytes, $size) = @_;
    return unpack "(a$size)*", $bytes;
}

# The responses in these bytes: status, headers in order, body without its transfer coding, whether the
# response was whole.
sub parse_responses {
    my ($raw) = @_;
    my @responses;
    while ($raw =~ s{\A(HTTP/1\.[01] (\d{3})[^\r]*)\r\n()\r\n}{}
           || $raw =~ s{\A(HTTP/1\.[01] (\d{3})[^\r]*)\r\n(.*?)\r\n\r\n}{}s) {
        my ($line, $status, $head) = ($1, $2, $3);
        my %response = (line => $line, status => $status, whole => 1);
        $response{headers} = [map { [split /: ?/, $_, 2] } split /\r\n/, $head];
        next if $status == 100;
        my ($length) = header(\%response, 'Content-Length');
        my ($coding) = header(\%response, 'Transfer-Encoding');
        if (defined $coding) {
            ($response{body}, $response{whole}, $raw) = unchunk($raw);
        } elsif (defined $length) {
            $response{whole} = length $raw >= $length;
            $response{body} = substr $raw, 0, $length, '';
        } elsif ($status == 204 || $status == 304) {
            $response{body} = '';
        } else {
            ($response{body}, $raw) = ($raw, '');
        }
        push @responses, \%response;
    }
    return @responses;
}

sub unchunk {
    my ($raw) = @_;
    my $body = '';
    while ($raw =~ s/\A([0-9a-fA-F]+)\r\n//) {
        my $size = hex $1;
        return ($body, 0, '') if length $raw < $size + 2;
        $body .= substr $raw, 0, $size, '';
        substr $raw, 0, 2, '';
        return ($body, 1, $raw) if $size == 0;
    }
    return ($body, 0, '');
}

# All values of a header.
sub header {
    my ($response, $name) = @_;
    return map { $_->[1] } grep { lc $_->[0] eq lc $name } @{$response->{headers}};
}

1;
