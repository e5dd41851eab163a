package IPFence::Issuer;

# A provider for load. What it answers is computed from the request, so that every answer says whose it is; it
# keeps the number of every request that it saw; and how it behaves can be changed while it runs. (The answers of
# IPFence::Provider are written down beforehand.)

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Time::HiRes qw(sleep time);

use IPFence::World qw(json_answer tokens);

my $tick = 0.02;

sub start {
    my ($class, $dir, $port) = @_;
    my $self = bless {dir => $dir, port => $port, opened => listen_on($port)}, $class;
    $self->behaves('well');
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        @SIG{qw(INT TERM PIPE)} = ('DEFAULT', 'DEFAULT', 'IGNORE');
        open $self->{seen}, '>>', "$dir/seen" or POSIX::_exit(1);
        serve($self, $parent);
        POSIX::_exit(0);
    }
    close delete $self->{opened};
    $self->{pid} = $pid;
    return $self;
}

sub listen_on {
    my ($port) = @_;
    return IO::Socket::INET->new(Listen => 256, LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1)
        || die "provider: $!";
}

sub stop {
    my ($self) = @_;
    if (my $pid = delete $self->{pid}) {
        kill KILL => $pid;
        waitpid $pid, 0;
    }
}

# well; down (nobody listens), slow, garbage, half, huge.
sub behaves {
    my ($self, $behaviour) = @_;
    open my $handle, '>', "$self->{dir}/behaviour.new" or die $!;
    print $handle $behaviour;
    close $handle;
    rename "$self->{dir}/behaviour.new", "$self->{dir}/behaviour" or die $!;
}

sub behaviour {
    my ($self) = @_;
    open my $handle, '<', "$self->{dir}/behaviour" or return 'well';
    return scalar <$handle>;
}

# How often each request's number reached the provider.
sub saw {
    my ($self) = @_;
    open my $handle, '<', "$self->{dir}/seen" or return {};
    my %saw;
    while (my $number = <$handle>) { chomp $number; ++$saw{$number} }
    return \%saw;
}

sub serve {
    my ($self, $parent) = @_;
    @$self{qw(select buffer due)} = (IO::Select->new, {}, []);
    # A test that was killed has no END: its provider ends by itself.
    while (getppid == $parent) {
        my $behaviour = behaviour($self);
        if ($behaviour eq 'down') { shut($self); sleep $tick; next }
        unless ($self->{opened}) {
            $self->{opened} = eval { listen_on($self->{port}) } or next;
            $self->{select}->add($self->{opened});
        }
        $self->{select}->add($self->{opened});
        take($self, $_, $behaviour) for $self->{select}->can_read($tick);
        send_what_is_due($self);
    }
}

sub shut {
    my ($self) = @_;
    return unless $self->{opened};
    close $_ for $self->{select}->handles;
    @$self{qw(select buffer due opened)} = (IO::Select->new, {}, [], undef);
}

sub take {
    my ($self, $socket, $behaviour) = @_;
    if ($socket == $self->{opened}) {
        my $client = $socket->accept or return;
        $self->{select}->add($client);
        $self->{buffer}{$client} = '';
        return;
    }
    my $read = sysread $socket, $self->{buffer}{$socket}, 65536, length $self->{buffer}{$socket};
    return hang_up($self, $socket) unless $read;
    my ($head, $body) = split /\r\n\r\n/, $self->{buffer}{$socket}, 2;
    my ($length) = $head =~ /\r\nContent-Length: (\d+)/i;
    return if !defined $body || length $body < ($length // 0);
    $self->{buffer}{$socket} = '';
    my ($number) = $head =~ /\r\nX-Number: (\w+)/;
    syswrite $self->{seen}, "$number\n" if defined $number;
    push @{$self->{due}}, {at => time, socket => $socket, misbehave($behaviour, right_answer($number // '', $head, $body))};
}

sub hang_up {
    my ($self, $socket) = @_;
    $self->{select}->remove($socket);
    delete $self->{buffer}{$socket};
    close $socket;
}

sub send_what_is_due {
    my ($self) = @_;
    my (@later, @now);
    push @{$_->{at} + ($_->{delay} // 0) > time ? \@later : \@now}, $_ for @{$self->{due}};
    $self->{due} = \@later;
    for my $answer (@now) {
        my $socket = $answer->{socket};
        next unless defined $socket->fileno;
        my $sent = 0;
        while ($sent < length $answer->{bytes}) {
            $sent += syswrite($socket, $answer->{bytes}, length($answer->{bytes}) - $sent, $sent) || last;
        }
        hang_up($self, $socket) if $answer->{ends} || $sent < length $answer->{bytes};
    }
}

# Codes and tokens are `kind.user.number`; those of nobody are not active.
sub right_answer {
    my ($number, $head, $body) = @_;
    if ($head =~ m{\APOST /introspect}) {
        my ($user) = $body =~ /token=\w+\.(\w+)\./;
        return json_answer({active => JSON::PP::false}) if $user eq 'nobody';
        return json_answer({active => JSON::PP::true, sub => $user, username => $user, client_id => 'web', exp => int(time) + 600});
    }
    return json_answer({data => "data.$number"}) unless $head =~ m{\APOST /token};
    my ($user) = $body =~ /(?:code|refresh_token)=\w+\.(\w+)\./;
    ($user) = $body =~ /username=(\w+)/ unless defined $user;
    my ($padding) = $body =~ /padding=(x*)/;
    return tokens($user, access_token => "access.$user.$number", refresh_token => "refresh.$user.$number",
        $padding ? (padding => $padding) : ());
}

sub misbehave {
    my ($behaviour, $answer) = @_;
    return (bytes => $answer, delay => rand 1.6) if $behaviour eq 'slow';
    return (bytes => garbage($answer), ends => 1) if $behaviour eq 'garbage';
    return (bytes => substr($answer, 0, int rand length $answer), ends => 1) if $behaviour eq 'half';
    return (bytes => huge($answer), ends => 1) if $behaviour eq 'huge';
    return (bytes => $answer);
}

# What no client and no gate can make sense of, though some of it holds the tokens.
sub garbage {
    my ($answer) = @_;
    my ($head, $body) = split /\r\n\r\n/, $answer, 2;
    my @garbage = (
        sub { join '', map { chr int rand 256 } 1 .. 200 },
        sub { "\x16\x03\x01\x02\x00\x01" . $body },
        sub { "HTTP/1.1 2OO OK\r\n\r\n$body" },
        sub { "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n$body" },
        sub { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n$body" },
        sub { as_answer('<html>' . $body) },
        sub { as_answer(substr $body, 0, -1) },
        sub { as_answer("\x{1f}\x{8b}" . $body, "Content-Encoding: gzip\r\n") },
        sub { as_answer("[$body]") },
        sub { as_answer(('[' x 5000) . $body) },
        sub { as_answer($body =~ s/"id_token":"[^"]*"/"id_token":7,"id_token":[]/r) },
        sub { as_answer("$body$body") },
    );
    return $garbage[rand @garbage]->();
}

sub as_answer {
    my ($body, $headers) = @_;
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" . ($headers // '')
        . "Content-Length: ${\ length $body}\r\n\r\n$body";
}

# A megabyte, which begins as the answer does: of more a slow machine would send too few.
sub huge {
    my ($answer) = @_;
    my ($body) = $answer =~ /\r\n\r\n\{(.*)\}\z/s;
    return as_answer('{' . $body . ',"padding":"' . ('x' x 1_000_000) . '"}');
}

1;
