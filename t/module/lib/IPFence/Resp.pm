package IPFence::Resp;

# The protocol of Redis, as far as tests need it: commands and replies as bytes, and a connection that asks.

use strict;
use warnings;
no warnings 'recursion';    # arrays in arrays, ten thousand deep

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

use Exporter qw(import);
our @EXPORT_OK = qw(command_bytes take take_command value_of bulk);

sub bulk { my ($text) = @_; return '$' . length($text) . "\r\n$text\r\n" }

sub command_bytes { return '*' . @_ . "\r\n" . join '', map { bulk($_) } @_ }

# Takes the first whole reply (or command) off the buffer: its bytes.
sub take {
    my ($buffer) = @_;
    my $end = end_of($$buffer, 0) // return undef;
    return substr $$buffer, 0, $end, '';
}

# The first whole command, as a list in a reference.
sub take_command { my ($buffer) = @_; my $bytes = take($buffer) // return undef; return value_of($bytes) }

# Where the reply that begins here ends; undef while it is not whole.
sub end_of {
    my ($bytes, $at) = @_;
    my $end = index $bytes, "\r\n", $at;
    return undef if $end < 0;
    my ($type, $rest) = (substr($bytes, $at, 1), substr $bytes, $at + 1, $end - $at - 1);
    $at = $end + 2;
    if ($type eq '$' && $rest >= 0) {
        $at += $rest + 2;
        return $at <= length $bytes ? $at : undef;
    }
    if ($type eq '*') {
        for (1 .. $rest) { $at = end_of($bytes, $at) // return undef }
    }
    return $at;
}

# A reply as Perl has it: an error is a string that begins with "-", an array a reference.
sub value_of { my ($bytes) = @_; my $at = 0; return read_value($bytes, \$at) }

sub read_value {
    my ($bytes, $at) = @_;
    my $end = index $bytes, "\r\n", $$at;
    my ($type, $rest) = (substr($bytes, $$at, 1), substr $bytes, $$at + 1, $end - $$at - 1);
    $$at = $end + 2;
    return "-$rest" if $type eq '-';
    return $rest if $type =~ /[+:]/;
    return undef if $rest < 0;
    return [map { read_value($bytes, $at) } 1 .. $rest] if $type eq '*';
    my $text = substr $bytes, $$at, $rest;
    $$at += $rest + 2;
    return $text;
}

# A connection; undef when nobody listens.
sub connect {
    my ($class, $port) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or return undef;
    return bless {socket => $socket, select => IO::Select->new($socket), buffer => ''}, $class;
}

# What is answered; undef when nothing is.
sub ask {
    my ($self, @command) = @_;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $self->{socket}, command_bytes(@command);
    return $self->next_reply(5);
}

sub next_reply {
    my ($self, $seconds) = @_;
    my $deadline = time + $seconds;
    my $bytes;
    until (defined($bytes = take(\$self->{buffer}))) {
        my $left = $deadline - time;
        return undef unless $left > 0 && $self->{select}->can_read($left);
        sysread $self->{socket}, $self->{buffer}, 65536, length $self->{buffer} or do { $self->{ended} = 1; return undef };
    }
    return value_of($bytes);
}

1;
