package IPFence::Provider;

# A provider that answers what it is told, and keeps the raw bytes of every request that reached it.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep);

# Without instructions it answers with an opaque token that says nothing.
my $default = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n"
    . '{"access_token":"opaque"}';

sub start {
    my ($class, $dir, $port) = @_;
    my $self = bless {dir => $dir, port => $port, taken => 0}, $class;
    my $listen = IO::Socket::INET->new(
        Listen => 128, LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1) or die "provider: $!";
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        # Whoever waits for the test's output must not wait for its provider.
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        $SIG{INT} = $SIG{TERM} = 'DEFAULT';
        $SIG{PIPE} = 'IGNORE';
        $SIG{CHLD} = 'IGNORE';
        serve($self, $listen, $parent);
        POSIX::_exit(0);
    }
    $self->{pid} = $pid;
    return $self;
}

sub stop {
    my ($self) = @_;
    if (my $pid = delete $self->{pid}) {
        kill KILL => $pid;
        waitpid $pid, 0;
    }
}

# Each answer is raw bytes, or a list of pieces (bytes; numbers are seconds of pause). The last one given is
# repeated.
sub answers {
    my ($self, @answers) = @_;
    write_file("$self->{dir}/answers", join "\n\n", map { join "\n", map { hexed($_) } ref $_ ? @$_ : $_ } @answers);
    unlink "$self->{dir}/answered";
}

sub hexed { my ($piece) = @_; return $piece =~ /\A[0-9.]+\z/ ? "pause $piece" : 'bytes ' . unpack 'H*', $piece }

sub take_requests {
    my ($self) = @_;
    opendir my $handle, $self->{dir} or return ();
    my @names = sort { $a <=> $b } map { /\Arequest\.(\d+)\z/ ? $1 : () } readdir $handle;
    my @requests = map { read_file("$self->{dir}/request.$_") } grep { $_ > $self->{taken} } @names;
    $self->{taken} = $names[-1] if @names;
    return @requests;
}

sub serve {
    my ($self, $listen, $parent) = @_;
    my $select = IO::Select->new($listen);
    my ($count, $accepted, %buffer) = (0, 0);
    my %turn = ($listen => 0);
    # A test that was killed has no END: its provider ends by itself.
    while (getppid == $parent) {
        # In the order in which they were connected, not in that of their numbers, which are used again.
        for my $socket (sort { $turn{$a} <=> $turn{$b} } $select->can_read(1)) {
            if ($socket == $listen) {
                my $client = $listen->accept or next;
                $select->add($client);
                $buffer{$client} = '';
                $turn{$client} = ++$accepted;
                next;
            }
            my $read = sysread $socket, my $part, 65536;
            $buffer{$socket} .= $part if $read;
            if ($read && is_whole($buffer{$socket})) {
                ++$count;
                write_file("$self->{dir}/request.$count", delete $buffer{$socket});
                $buffer{$socket} = '';
                next if answer($self, $socket);
            } elsif ($read) {
                next;
            }
            $select->remove($socket);
            # What broke off has reached the provider, too.
            my $rest = delete $buffer{$socket};
            write_file("$self->{dir}/request." . ++$count, $rest) if length $rest;
            close $socket;
        }
    }
}

sub is_whole {
    my ($bytes) = @_;
    return 0 unless $bytes =~ /\r\n\r\n/;
    my ($head, $body) = split /\r\n\r\n/, $bytes, 2;
    my ($length) = $head =~ /\r\nContent-Length: (\d+)/i;
    return length $body >= ($length // 0);
}

# True when the connection may stay open.
sub answer {
    my ($self, $socket) = @_;
    my @pieces = next_answer($self);
    my $sent = '';
    for my $piece (@pieces) {
        if ($piece =~ /\Apause (.*)/) {
            sleep $1;
        } else {
            my $bytes = pack 'H*', substr $piece, length 'bytes ';
            syswrite $socket, $bytes;
            $sent .= $bytes;
        }
    }
    my ($length) = $sent =~ /\A.*?\r\nContent-Length: (\d+)\r\n/s;
    my ($body) = $sent =~ /\r\n\r\n(.*)\z/s;
    return $sent !~ /\A[^\n]*\n(?:[^\r]+\r\n)*Connection: close/i
        && (defined $length ? length $body >= $length : $sent =~ /\r\n0\r\n\r\n\z/);
}

sub next_answer {
    my ($self) = @_;
    # A line a piece, an empty line between two answers: JSON of megabytes takes JSON::PP some seconds.
    my @answers = split /\n\n/, read_file("$self->{dir}/answers"), -1;
    return (hexed($default)) unless @answers;
    my $answered = (read_file("$self->{dir}/answered") || 0) + 0;
    write_file("$self->{dir}/answered", $answered + 1);
    return split /\n/, $answers[$answered < @answers ? $answered : -1];
}

sub write_file {
    my ($name, $text) = @_;
    open my $handle, '>:raw', "$name.new" or return;
    print $handle $text;
    close $handle;
    rename "$name.new", $name;
}

sub read_file {
    my ($name) = @_;
    open my $handle, '<:raw', $name or return '';
    local $/;
    return <$handle> // '';
}

1;
