package IPFence::LyingRedis;

# Stands between the gate and a Redis, and misbehaves as it is told: refuses, hangs up, stalls, is late, sends halves,
# garbage, another's reply, errors, and records that were forged. Everything else is the real server's, so that it lies
# about real records. How it behaves can be changed while it runs.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(sleep time);

use IPFence::Gate;
use IPFence::Resp qw(bulk take take_command value_of);

use Exporter qw(import);
our @EXPORT = qw(lying_redis behaviours);

my $tick = 0.005;
my @started;

# In front of a server of IPFence::Redis, or of any port.
sub lying_redis {
    my ($redis) = @_;
    my $port = IPFence::Gate::free_port();
    my $self = bless {dir => tempdir(CLEANUP => 1), port => $port, behind => ref $redis ? $redis->{port} : $redis, opened => listen_on($port)}, __PACKAGE__;
    $self->behaves('well');
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', "$self->{dir}/stderr";
        @SIG{qw(INT TERM PIPE)} = ('DEFAULT', 'DEFAULT', 'IGNORE');
        serve($self, $parent);
        POSIX::_exit(0);
    }
    close delete $self->{opened};
    $self->{pid} = $pid;
    push @started, $self;
    return $self;
}

sub listen_on {
    my ($port) = @_;
    return IO::Socket::INET->new(Listen => 256, LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1) || die "lying redis: $!";
}

sub url { my ($self) = @_; return "redis://127.0.0.1:$self->{port}" }

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill KILL => $pid;
    waitpid $pid, 0;
}

# A name of %behaviours, and for which share of the replies (all).
sub behaves {
    my ($self, $behaviour, $share) = @_;
    open my $handle, '>', "$self->{dir}/behaviour.new" or die $!;
    print $handle join ' ', $behaviour, $share // 1;
    close $handle;
    rename "$self->{dir}/behaviour.new", "$self->{dir}/behaviour" or die $!;
}

# Each is given the real reply and what belongs to it, and gives [bytes, seconds of delay, whether it hangs up then];
# nothing: no reply ever comes on this connection.
my %behaviours = (
    well => sub { return [$_[0]] },
    blackhole => sub { return () },
    reset => sub { return ['', 0, 'reset'] },
    slow => sub { return [$_[0], 2] },
    late => sub { return [$_[0], rand 0.3] },
    half => sub { return [substr($_[0], 0, int rand length $_[0]), 0, 'close'] },
    half_and_stalled => sub { return [substr($_[0], 0, int rand length $_[0]), 0, 'mute'] },
    swapped => \&swapped,
    repeated => sub { return [$_[0] x 2] },
    loading => sub { return ["-LOADING Redis is loading the dataset in memory\r\n"] },
    readonly => sub { return ["-READONLY You can't write against a read only replica.\r\n"] },
    moved => sub { my ($reply, $of) = @_; return ["-MOVED @{[int rand 16384]} 127.0.0.1:@{[rand() < 0.5 ? $of->{port} : 1]}\r\n"] },
    ask => sub { my ($reply, $of) = @_; return ["-ASK @{[int rand 16384]} 127.0.0.1:@{[rand() < 0.5 ? $of->{port} : 1]}\r\n"] },
    noauth => sub { return ["-NOAUTH Authentication required.\r\n"] },
    wrong_type => sub { return [(":1\r\n", "*0\r\n", "+OK\r\n", "*2\r\n:1\r\n*-1\r\n", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")[rand 5]] },
    full => sub { return ["-OOM command not allowed when used memory > 'maxmemory'.\r\n"] },
    huge => sub { return ["\$536870912\r\n" . 'x' x 1_000_000] },
    negative => sub { return [("\$-7\r\n", "*-5\r\n", "\$-9223372036854775808\r\n", "*4294967297\r\n", ":99999999999999999999999\r\n")[rand 5]] },
    deep => sub { return ["*1\r\n" x 10_000 . ":1\r\n"] },
    garbage => sub { return [join '', map { chr int rand 256 } 1 .. 1 + rand 200] },
    forged => sub { return [$_[0] =~ /\A[\$*]/ ? with_bulks($_[0], \&forged_text) : $_[0]] },
    exchanged => \&exchanged,
    forgetful => sub { my ($reply, $of) = @_; return [$of->{is_write} ? "+OK\r\n" : $reply] },
    missing => sub { my ($reply) = @_; return [$reply =~ /\A\$/ ? "\$-1\r\n" : $reply =~ /\A\*/ ? "*0\r\n" : $reply] },
    deaf => sub { return [$_[0]] },
    down => sub { return () },
);

sub behaviours { return grep { !/\A(?:well|deaf|down)\z/ } sort keys %behaviours }

# The reply to the command before, on whichever connection, if that was of the same kind: another's record.
sub swapped {
    my ($reply, $of) = @_;
    my $last = $of->{replies}{$of->{name}};
    $of->{replies}{$of->{name}} = $reply;
    return [$last // $reply];
}

# The right shape and the sealed values of another key.
sub exchanged {
    my ($reply, $of) = @_;
    my $values = $of->{values};
    return [with_bulks($reply, sub {
        my ($text) = @_;
        push @$values, $text if length $text > 40;
        shift @$values if @$values > 50;
        return length $text > 40 ? $values->[rand @$values] : $text;
    })];
}

sub forged_text {
    my ($text) = @_;
    my $at = int rand(length($text) || 1);
    my @forged = (
        sub { my $other = $text; substr($other, $at, 1) ^= chr 1 << rand 8 if length $other; $other },
        sub { substr $text, 0, $at },
        sub { $text . "\0" },
        sub { '1' },
        sub { '' },
        sub { '{"user":"robin","app":"relaxed"}' },
        sub { join '', map { chr int rand 256 } 1 .. length $text },
    );
    return $forged[rand @forged]->();
}

sub with_bulks {
    my ($reply, $what) = @_;
    my $text = '';
    while (length $reply) {
        my ($line) = $reply =~ /\A([^\r]*\r\n)/ or return $text . $reply;
        substr $reply, 0, length $line, '';
        my ($length) = $line =~ /\A\$(\d+)/;
        $text .= defined $length ? bulk($what->(substr $reply, 0, $length)) : $line;
        substr $reply, 0, $length + 2, '' if defined $length;
    }
    return $text;
}

# The server.

my $is_greeting = qr/\A(?:AUTH|HELLO|CLIENT|CLUSTER|SELECT|ROLE|INFO|READONLY|PING|SENTINEL|COMMAND|SCRIPT)\z/;
my $is_write = qr/\A(?:SET|HSET|PSETEX|SETEX|EVAL|EVALSHA|DEL|UNLINK|EXPIRE|PEXPIRE|PEXPIREAT|PUBLISH|INCR)\z/;

sub serve {
    my ($self, $parent) = @_;
    @$self{qw(select links replies values)} = (IO::Select->new($self->{opened}), {}, {}, []);
    while (getppid == $parent) {
        my ($behaviour, $share) = split / /, IPFence::Gate::read_whole("$self->{dir}/behaviour") || 'well 1';
        @$self{qw(behaviour share)} = ($behaviour, $share);
        if ($behaviour eq 'down') { shut($self); sleep $tick; next }
        unless ($self->{opened}) {
            $self->{opened} = eval { listen_on($self->{port}) } or next;
            $self->{select}->add($self->{opened});
        }
        take_bytes($self, $_) for $self->{select}->can_read($tick);
        send_what_is_due($self, $_) for unique(values %{$self->{links}});
    }
}

sub unique { my %seen; return grep { !$seen{$_}++ } @_ }

sub shut {
    my ($self) = @_;
    return unless $self->{opened};
    close $_ for $self->{select}->handles;
    @$self{qw(select links opened)} = (IO::Select->new, {}, undef);
}

sub take_bytes {
    my ($self, $socket) = @_;
    if ($self->{opened} && $socket == $self->{opened}) {
        my $client = $socket->accept or return;
        my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{behind}) or return close $client;
        my $link = {client => $client, server => $server, commands => '', replied => '', asked => [], due => []};
        @{$self->{links}}{$client, $server} = ($link) x 2;
        return $self->{select}->add($client, $server);
    }
    my $link = $self->{links}{$socket} or return;
    my $is_client = $socket == $link->{client};
    my $buffer = $is_client ? \$link->{commands} : \$link->{replied};
    return hang_up($self, $link) unless sysread $socket, $$buffer, 1 << 18, length $$buffer;
    return $is_client ? pass_commands($link) : take_replies($self, $link);
}

sub pass_commands {
    my ($link) = @_;
    my $bytes = $link->{commands};
    while (my $command = take_command(\$link->{commands})) {
        push @{$link->{asked}}, uc $command->[0];
        $link->{subscribes} = 1 if uc $command->[0] =~ /\AP?SUBSCRIBE\z/;
    }
    syswrite $link->{server}, substr $bytes, 0, length($bytes) - length $link->{commands};
}

sub take_replies {
    my ($self, $link) = @_;
    while (defined(my $reply = take(\$link->{replied}))) {
        my $is_message = $link->{subscribes} && $reply =~ /\A\*3\r\n\$7\r\nmessage\r\n/;
        my $name = $is_message ? 'message' : shift @{$link->{asked}} // '';
        next if $is_message && $self->{behaviour} eq 'deaf';
        next if $link->{mute};
        # Who lies now and then lets the gate come so far that it asks.
        my $misbehaves = rand() < $self->{share} * ($self->{share} < 1 && $name =~ $is_greeting ? 0.1 : 1);
        my $behaviour = $behaviours{$misbehaves ? $self->{behaviour} : 'well'};
        my ($sent) = $behaviour->($reply, {name => $name, is_write => scalar($name =~ $is_write), %$self{qw(port replies values)}});
        # Replies stay in their order. After one that is lost comes none: it would be taken for that one.
        unless ($sent) { $link->{mute} = 1; next }
        my $at = time + ($sent->[1] // 0);
        $at = $link->{due}[-1]{at} if @{$link->{due}} && $link->{due}[-1]{at} > $at;
        push @{$link->{due}}, {at => $at, bytes => $sent->[0], end => $sent->[2] // ''};
        $link->{mute} = 1 if ($sent->[2] // '') eq 'mute';
    }
    send_what_is_due($self, $link);
}

sub send_what_is_due {
    my ($self, $link) = @_;
    while (@{$link->{due}} && $link->{due}[0]{at} <= time) {
        my $due = shift @{$link->{due}};
        $link->{client}->blocking(0);
        syswrite $link->{client}, $due->{bytes} if length $due->{bytes};
        setsockopt $link->{client}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 if $due->{end} eq 'reset';
        return hang_up($self, $link) if $due->{end} =~ /close|reset/;
    }
}

sub hang_up {
    my ($self, $link) = @_;
    for my $socket (@$link{qw(client server)}) {
        $self->{select}->remove($socket);
        delete $self->{links}{$socket};
        close $socket;
    }
    $link->{due} = [];
}

END {
    my $status = $?;
    $_->stop for @started;
    $? = $status;
}

1;
