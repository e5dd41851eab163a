package IPFence::Http2;

# Raw HTTP/2 over cleartext: header fields go out as they are given, whatever they are, and nothing is hidden. Real
# clients refuse to send what these tests must.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

use Exporter qw(import);
our @EXPORT_OK = qw(ask begin abandon);

my %types = (data => 0, headers => 1, reset => 3, settings => 4, goaway => 7, continuation => 9);
my %names = reverse %types;
my ($end_stream, $end_headers) = (0x1, 0x4);

# Indices of the static table of RFC 7541, appendix A, that stand for statuses.
my %statuses = (0x88 => 200, 0x89 => 204, 0x8a => 206, 0x8b => 304, 0x8c => 400, 0x8d => 404, 0x8e => 500);

# ask($port, fields => [[name, value], …], body => …, from => …): {status, body}, where status is 'reset' or 'goaway'
# when nginx took the request for an error of the protocol. `pieces` cuts the body into frames of that many bytes; a
# body that is undef ends the request with its headers.
sub ask { return response(begin(@_)) }

# begin($port, …): sends a request as `ask` does; the connection, on which its answer is still to come.
sub begin {
    my ($port, %with) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, LocalAddr => $with{from}, Timeout => 5) or die "connect: $!";
    local $SIG{PIPE} = 'IGNORE';
    my $body = $with{body};
    my $block = join '', map { field(@$_) } @{$with{fields}};
    my $bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(settings => 0, 0, '')
        . frame(headers => $end_headers | (defined $body ? 0 : $end_stream), 1, $block);
    if (defined $body) {
        my $size = $with{pieces} // 16_000;
        my @pieces = length $body ? unpack "(a$size)*", $body : '';
        $bytes .= frame(data => $_ == $#pieces ? $end_stream : 0, 1, $pieces[$_]) for 0 .. $#pieces;
    }
    syswrite $socket, $bytes;
    return $socket;
}

# Leaves a request that was begun: `reset` ends its stream, `continued` sends more of its headers, `closed` closes the
# connection. The connection is good for no other request afterwards.
sub abandon {
    my ($socket, $how) = @_;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $socket, frame(reset => 0, 1, pack 'N', 8) if $how ne 'closed';    # CANCEL
    syswrite $socket, frame(continuation => 0, 1, field('x-late', 'y')) x 20 if $how eq 'continued';
    close $socket;
}

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1) . pack('CCN', $types{$type}, $flags, $stream) . $payload;
}

# A literal field without indexing and without Huffman coding (RFC 7541, section 6.2.2).
sub field { my ($name, $value) = @_; return "\0" . string($name) . string($value) }

sub string {
    my ($text) = @_;
    my $length = length $text;
    return pack('C', $length) . $text if $length < 127;
    my ($prefix, $rest) = (pack('C', 127), $length - 127);
    while ($rest >= 128) { $prefix .= pack 'C', $rest % 128 + 128; $rest = int $rest / 128 }
    return $prefix . pack('C', $rest) . $text;
}

# Reads frames until the stream ends.
sub response {
    my ($socket) = @_;
    my %response = (status => 'closed', body => '');
    my ($raw, $deadline, $select) = ('', time + 5, IO::Select->new($socket));
    while (time < $deadline && $select->can_read($deadline - time) && sysread $socket, $raw, 65536, length $raw) {
        while (length $raw >= 9 && length $raw >= 9 + (my $length = unpack 'N', "\0" . substr $raw, 0, 3)) {
            my ($type, $flags, $stream) = unpack 'x3CCN', $raw;
            my $payload = substr $raw, 9, $length;
            substr $raw, 0, 9 + $length, '';
            my $name = $names{$type} // '';
            return {%response, $response{status} eq 'closed' ? (status => $name) : ()} if $name eq 'reset' || $name eq 'goaway';
            $response{status} = status($payload) if $name eq 'headers';
            $response{body} .= $payload if $name eq 'data';
            return \%response if $stream == 1 && $name =~ /\A(?:data|headers)\z/ && $flags & $end_stream;
        }
    }
    return \%response;
}

# nginx writes it first: by an index, or as a literal for name 8, behind a change of the table's size.
sub status {
    my ($block) = @_;
    $block =~ s/\A[\x20-\x3f]//;
    my $first = ord $block;
    return $statuses{$first} // substr $block, 2, 3;
}

1;
